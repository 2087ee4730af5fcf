namespace RnnBench.Harness;

/// <summary>A model as a study writes it: its notation, and after an @ the backend that it runs on where that is the question, <c>lstm@library</c>.</summary>
/// <param name="Model">The notation.</param>
/// <param name="Backend">The backend; null for that of the command.</param>
public readonly record struct StudyArm(string Model, string? Backend)
{
    /// <summary>Takes an arm apart.</summary>
    public static StudyArm Of(string arm) => arm.LastIndexOf('@') is > 0 and var at ? new(arm[..at], arm[(at + 1)..]) : new(arm, null);
}
