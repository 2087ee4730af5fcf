namespace RnnBench.Language;

/// <summary>
/// How models and tasks are written: <c>id(key=value,...)[ablation][ablation]</c>, for example <c>lstm(hidden=128,layers=2)[o=1]</c>,
/// <c>copy(T=50)</c>. A list value is written in brackets: <c>periods=[1,2,4]</c>.
/// </summary>
/// <param name="Id">The id, as the catalogue spells it.</param>
/// <param name="Settings">The settings as they were written, in that order.</param>
/// <param name="Ablations">The rewritings, without their brackets.</param>
public sealed record Notation(string Id, IReadOnlyList<KeyValuePair<string, string>> Settings, IReadOnlyList<string> Ablations)
{
    /// <exception cref="UserError">The text is no such notation; the message names the position.</exception>
    public static Notation Parse(string text) => throw new NotImplementedException();

    /// <summary>The notation as it is written.</summary>
    public override string ToString() =>
        Id + (Settings.Count == 0 ? "" : $"({string.Join(",", Settings.Select(s => $"{s.Key}={s.Value}"))})") + string.Concat(Ablations.Select(a => $"[{a}]"));
}
