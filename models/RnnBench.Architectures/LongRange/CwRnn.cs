using RnnBench.Language;

namespace RnnBench.Architectures;

/// <summary>The clockwork network: groups of units tick at periods of their own, and slow groups feed fast ones.</summary>
/// <remarks>
/// Koutník, Greff, Gomez and Schmidhuber 2014, ICML, arXiv:1402.3511. The clock counts from 0, so that every group ticks at the first step; it is a
/// state of its own and goes on over chunks of a sequence.
/// </remarks>
public sealed class CwRnn(Function f, int hidden, IReadOnlyList<int> periods, IReadOnlyList<int> shifts, string connect) : Cell
{
    /// <summary>Its line of the catalogue.</summary>
    public static Architecture Entry { get; } = new("cw-rnn", s => new CwRnn(Activation.Of(s), s.Integer("hidden"), Periods(s), Shifts(s), s.Choice("connect")))
    {
        Title = "Clockwork recurrent network",
        Source = "Koutník, Greff, Gomez and Schmidhuber 2014, ICML, arXiv:1402.3511",
        Family = "longrange",
        Settings =
        [
            Setting.Integers("periods", [1, 2, 4, 8], "the period of each group of units, fastest first", max: 1_000_000),
            Setting.Integers("shifts", [], "the step at which the clock of each group first ticks, before its period is over; without them 0 for all", min: 0, max: 1_000_000),
            Activation.Setting("tanh", "relu", "identity", "sigmoid"),
            Setting.Choice("connect", "slow_to_fast", "which groups feed a group: it and slower ones, itself alone, or all", "slow_to_fast", "block", "full"),
        ],
        Initial = _ => [new("*", new Initial.Normal(0.1))],
        Recipes = [Recipe.Of("koutnik", "Koutník et al. 2014", "optimizer=sgd momentum=0.95 nesterov=true learning_rate=0.0003")],
    };

    readonly State h = new(), clock = new();

    /// <inheritdoc/>
    protected override void Equations(Input x)
    {
        var (group, stored) = (Groups(), new Stored("U", "h", H, H));
        var T = new ConstantVector("T", [.. group.Select(g => (double)periods[g])]);
        var S = new ConstantVector("S", [.. group.Select(g => shifts.Count > 0 ? (double)shifts[g] : 0)]);
        var U = connect == "full" ? new Matrix("U", "h") : new Matrix("U", "h") { From = new Masked(new StoredMatrix(stored), Feeds) };

        var k = Let("k", shifts.All(shift => shift == 0) ? Step(0.5 - clock[t-1]) : Step(S + 0.5 - clock[t-1]) * Step(clock[t-1] - S + 0.5));
        clock[t] = (clock[t-1] + 1) * Step(T - 1.5 - clock[t-1]);
        h[t] = k * new Apply(f, new Matrix("W", "h") * x[t] + U * h[t-1] + new Vector("b", "h")) + (1 - k) * h[t-1];

        bool Feeds(int receiver, int sender) => connect == "block" ? group[sender] == group[receiver] : group[sender] >= group[receiver];
    }

    /// <summary>The group of each unit; where they do not come out even the fastest groups have one unit more.</summary>
    int[] Groups() => [.. Enumerable.Range(0, periods.Count)
        .SelectMany(g => Enumerable.Repeat(g, hidden / periods.Count + (g < hidden % periods.Count ? 1 : 0)))];

    static IReadOnlyList<int> Shifts(Settings s)
    {
        var (shifts, periods) = (s.Integers("shifts"), Periods(s));
        return shifts.Count == 0 || shifts.Count == periods.Count && shifts.Zip(periods).All(pair => pair.First < pair.Second) ? shifts
            : throw new UserError($"cw-rnn: setting shifts=[{string.Join(",", shifts)}]: give one for each of the periods [{string.Join(",", periods)}], below it.");
    }

    static Expr Step(Expr e) => new Apply(Function.Step, e);

    static IReadOnlyList<int> Periods(Settings s)
    {
        var periods = s.Integers("periods");
        return periods.Count > 0 && periods.Zip(periods.Skip(1)).All(pair => pair.Second >= pair.First) ? periods
            : throw new UserError($"cw-rnn: setting periods=[{string.Join(",", periods)}]: give the periods from the fastest to the slowest, such as [1,2,4].");
    }
}
