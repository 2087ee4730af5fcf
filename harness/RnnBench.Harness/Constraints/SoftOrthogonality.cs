using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Harness;

/// <summary>
/// The soft form of singular value clipping: a penalty λ |UᵀU - I|², squared elements added up, on every recurrent matrix U (Vorontsov et al. 2017,
/// section 2.2), the catalogue's ablation of svclip; UUᵀ where U has fewer rows than columns. Its gradient is 4 λ U (UᵀU - I).
/// </summary>
sealed class SoftOrthogonality
{
    readonly Network network;
    readonly ModelParameter[] matrices;
    readonly double weight;

    SoftOrthogonality(Network network, ModelParameter[] matrices, double weight) => (this.network, this.matrices, this.weight) = (network, matrices, weight);

    /// <summary>The penalty that the settings ask for; null for none.</summary>
    /// <exception cref="UserError">The model has no recurrent matrix.</exception>
    public static SoftOrthogonality? Of(Network network, Settings training)
    {
        if (training.Choice("svclip_mode") != "soft") return null;
        var model = network.Runner.Model;
        ModelParameter[] matrices = [.. model.Parameters.Where(q => SingularValueClipping.Covers(model, q))];
        return matrices.Length > 0 ? new(network, matrices, training.Real("svclip_penalty"))
            : throw new UserError($"svclip_mode=soft: {model.Text} has no recurrent matrix U that could be kept near an orthogonal one.");
    }

    /// <summary>Adds its gradient to those of the parameters.</summary>
    public void AddGradient()
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var stored = network.Runner.Read();
        var laid = network.Laid(matrices.ToDictionary(q => q.Name, q => GradientOf(q, stored[q.Name])));
        foreach (var (parameter, gradient) in network.Runner.Trainable.Zip(laid))
            if (parameter.grad is { } known) known.add_(gradient);
    }

    Tensor GradientOf(ModelParameter q, Tensor matrix)
    {
        var one = eye(q.Shape[^1], dtype: matrix.dtype, device: matrix.device);
        var mask = q.Mask is { } read ? tensor([.. read], [.. q.Shape.Select(side => (long)side)]).to(matrix.dtype, matrix.device) : ones_like(matrix);
        var u = SingularValueClipping.PlusIdentity(network.Runner.Model, q) ? matrix * mask + one : matrix * mask;
        var (tall, across) = (q.Shape[^2] >= q.Shape[^1], u.transpose(-2, -1));
        return 4 * weight * (tall ? u.matmul(across.matmul(u) - one) : (u.matmul(across) - eye(q.Shape[^2], dtype: u.dtype, device: u.device)).matmul(u)) * mask;
    }
}
