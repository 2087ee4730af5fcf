namespace RnnBench.Tasks.Data;

/// <summary>A long row of ids, wherever it lies.</summary>
abstract class TokenIds
{
    /// <summary>How many there are.</summary>
    public abstract int Count { get; }

    /// <summary>Copies ids from a place on.</summary>
    public abstract void Read(int at, Span<int> into);

    /// <summary>The first so many of them; all where <paramref name="count"/> is 0 or there are no more.</summary>
    public TokenIds First(int count) => count == 0 || count >= Count ? this : new Slice(this, count);

    /// <summary>Ids that are held in memory.</summary>
    public static TokenIds Of(int[] ids) => new Held(ids);

    sealed class Held(int[] ids) : TokenIds
    {
        public override int Count => ids.Length;
        public override void Read(int at, Span<int> into) => ids.AsSpan(at, into.Length).CopyTo(into);
    }

    sealed class Slice(TokenIds all, int count) : TokenIds
    {
        public override int Count => count;
        public override void Read(int at, Span<int> into) => all.Read(at, into);
    }
}
