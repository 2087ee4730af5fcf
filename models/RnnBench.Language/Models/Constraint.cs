namespace RnnBench.Language;

/// <summary>What happens to a parameter at each update beside the optimiser's step. The harness does it; this only says what.</summary>
public abstract record Constraint
{
    Constraint() { }
    /// <summary>It stays as it started.</summary>
    public sealed record Frozen : Constraint;
    /// <summary>The optimiser's step, so many times as long: a learning rate of its own.</summary>
    public sealed record Rate(double Factor) : Constraint;
    /// <summary>Weight decay is not for it.</summary>
    public sealed record Undecayed : Constraint;
    /// <summary>After the step every element is brought into [low, high].</summary>
    public sealed record Bounded(double Low, double High) : Constraint;
    /// <summary>
    /// After the step every element is brought within ±(gain^(1/T) · step), T the steps of the sequences that were trained on: going back over all
    /// of them then multiplies by gain · step^T at most (Li et al. 2018).
    /// </summary>
    /// <param name="Gain">γ.</param>
    /// <param name="Step">One over what a step shrinks by otherwise; 1 where nothing else shrinks.</param>
    public sealed record LastingGain(double Gain, double Step = 1) : Constraint
    {
        /// <summary>The bound for sequences of so many steps.</summary>
        public double Bound(long steps) => Math.Pow(Gain, 1.0 / steps) * Step;
    }
    /// <summary>
    /// After the step all singular values are brought into [low, high] (Saito et al. 2017, Jia et al. 2017, Vorontsov et al. 2017); a parameter
    /// of several matrices, matrix by matrix.
    /// </summary>
    /// <param name="Low">The least singular value.</param>
    /// <param name="High">The largest.</param>
    /// <param name="Every">Updates from one clipping to the next.</param>
    /// <param name="PlusIdentity">Whether it is the parameter plus the identity that is clipped.</param>
    public sealed record SingularValues(double Low, double High, int Every = 1, bool PlusIdentity = false) : Constraint;
    /// <summary>
    /// In place of the optimiser's step the complex matrix of which this is the real part moves along the unitary matrices: with the gradient
    /// G and A = G U* - U G*, U becomes (I + η/2 A)⁻¹ (I - η/2 A) U (Wisdom et al. 2016, eq. 6).
    /// </summary>
    /// <param name="Imaginary">The name of the imaginary part, without prefix.</param>
    /// <param name="StepSize">η as a multiple of the learning rate.</param>
    /// <param name="Scaled">Whether each element of G is first divided by the root of its mean square (the authors' natGradRMS).</param>
    /// <param name="Every">Updates from one projection to the nearest unitary matrix to the next; 0 for none.</param>
    public sealed record Unitary(string Imaginary, double StepSize, bool Scaled, int Every) : Constraint;
    /// <summary>
    /// Every so many steps an orthogonal constant takes up what the parameter says and the parameter starts again from zero: base becomes U,
    /// which is computed from both (Lezcano-Casado 2019, dynamic trivialisations).
    /// </summary>
    /// <param name="Base">The name of the constant, without prefix.</param>
    /// <param name="Map">exp or cayley: what makes an orthogonal matrix of the parameter's upper triangle.</param>
    /// <param name="Every">Updates from one change to the next.</param>
    /// <param name="Polar">Changes from one projection of the base to the nearest orthogonal matrix to the next.</param>
    public sealed record Trivialised(string Base, string Map, int Every, int Polar) : Constraint;
}

/// <summary>One line of an architecture's constraints.</summary>
/// <param name="Pattern">As in an <see cref="InitialRule"/>: a name, or a prefix of it and <c>*</c>. All lines that match count, in their order.</param>
/// <param name="Constraint">What happens.</param>
public sealed record ConstraintRule(string Pattern, Constraint Constraint)
{
    /// <summary>Whether the line is about this parameter (a name without its layer prefix).</summary>
    public bool Matches(string name) => InitialRule.Matches(Pattern, name);
}
