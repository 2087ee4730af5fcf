using RnnBench.Harness;
using RnnBench.Language;

namespace RnnBench.Cli.Tests;

/// <summary>The studies that come with the program: each can be planned in each of its sizes, and its claims speak of its models.</summary>
public sealed class StudiesTests
{
    static readonly Lazy<IReadOnlyList<(string File, StudyFile Study)>> all = new(Wiring.Studies);

    static IEnumerable<string> Ids(StudyFile study) => study.Models.Concat(study.Tasks.SelectMany(task => task.Models ?? [])).Where(model => !ModelSets.IsSet(model)).Select(model => Notation.Parse(StudyArm.Of(model).Model).Id);

    public static TheoryData<string, string> Sizes => [.. all.Value.SelectMany(s => s.Study.Sizes.Keys.Select(size => (s.Study.Name, size)))];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_study_can_be_planned_in_every_size(string name, string size)
    {
        var study = all.Value.Single(s => s.Study.Name == name).Study;
        Assert.Empty(Ids(study.In(size)).Except(Architectures.Catalog.All.Select(a => a.Id)));
        var catalogs = Wiring.Catalogs(Architectures.Catalog.All);
        var plan = StudyPlan.Of(catalogs, study with { Sizes = study.Sizes.ToDictionary(s => s.Key, s => s.Value with { Tasks = Free(s.Value.Tasks) }), Tasks = Free(study.Tasks)! }, size, new RunSetup { Threads = 1 }, null);
        Assert.NotEmpty(plan.Runs);

        // Data is not looked for: what the plan says does not depend on it.
        static IReadOnlyList<StudyTask>? Free(IReadOnlyList<StudyTask>? tasks) => tasks is null ? null : [.. tasks.Select(task => task with { Requires = null })];
    }

    [Fact]
    public void Every_claim_of_the_list_has_a_study()
    {
        string[] claims =
        [
            "vanish", "gates-solve", "saturate", "forget-matters", "forget-bias", "every-gate", "morph", "peephole-minor", "gru-par", "mgu-par", "ran-par", "nested-deep", "grid-deep", "sru-fast",
            "qrnn-fast", "sliced-fast", "skim-cheap", "persistent", "reversible", "glu-over-gtu", "gcnn-parallel", "trellis", "scales", "init", "unitary-copy", "ungated-stats", "trees", "three-ways",
        ];
        Assert.Equal(claims.Order(), all.Value.SelectMany(s => s.Study.Claims).Select(c => c.Id).Order());
    }

    [Fact]
    public void Names_are_those_of_the_files() => Assert.All(all.Value, s => Assert.Equal(Path.GetFileNameWithoutExtension(s.File), s.Study.Name));

    [Fact]
    public void Claims_speak_of_models_that_their_study_has() => Assert.All(all.Value, s =>
    {
        var models = s.Study.Models.Concat(s.Study.Tasks.SelectMany(task => task.Models ?? [])).SelectMany(model => ModelSets.Expand(model, Architectures.Catalog.All)).ToHashSet();
        Assert.All(s.Study.Claims.SelectMany(claim => claim.Models), model => Assert.True(models.Contains(model), $"{s.Study.Name}: {model}"));
    });
}
