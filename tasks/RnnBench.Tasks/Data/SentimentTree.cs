using RnnBench.Language;

namespace RnnBench.Tasks.Data;

/// <summary>
/// A parsed sentence whose every phrase carries a label. Nodes are numbered children first (post-order), so that the last one is the root and a
/// node's phrase is a run of words.
/// </summary>
/// <param name="labels">The label of each node.</param>
/// <param name="words">The word of each node that is a leaf, null at the others.</param>
/// <param name="left">The first child of each node, -1 at leaves.</param>
/// <param name="right">The second child of each node, -1 at leaves.</param>
sealed class SentimentTree(int[] labels, string?[] words, int[] left, int[] right)
{
    /// <summary>The labels of the Stanford Sentiment Treebank: 0 very negative, 2 neutral, 4 very positive.</summary>
    public const int LabelCount = 5;

    /// <summary>The label of each node.</summary>
    public int[] Labels { get; } = labels;
    /// <summary>The word of each leaf, null at other nodes.</summary>
    public string?[] Words { get; } = words;
    /// <summary>The first child of each node, -1 at leaves.</summary>
    public int[] Left { get; } = left;
    /// <summary>The second child of each node, -1 at leaves.</summary>
    public int[] Right { get; } = right;

    /// <summary>The number of nodes.</summary>
    public int Nodes => Labels.Length;

    /// <summary>The label of the whole sentence.</summary>
    public int Root => Labels[^1];

    /// <summary>The words, from left to right; post-order keeps their order.</summary>
    public IReadOnlyList<string> Leaves { get; } = [.. words.OfType<string>()];

    /// <summary>For each node the leaves of its phrase: the first, and the one behind the last.</summary>
    public IReadOnlyList<(int Start, int End)> Spans { get; } = SpansOf(words, left, right);

    static (int, int)[] SpansOf(string?[] words, int[] left, int[] right)
    {
        var (spans, leaves) = (new (int Start, int End)[words.Length], 0);
        for (var node = 0; node < words.Length; node++)
            spans[node] = words[node] is null ? (spans[left[node]].Start, spans[right[node]].End) : (leaves, ++leaves);
        return spans;
    }

    /// <summary>Reads one tree for each line of a file.</summary>
    /// <exception cref="UserError">The file is missing or damaged, or a line is no such tree; the message names file, line and column.</exception>
    public static SentimentTree[] Read(TextFile file) => [.. file.Lines().Select(line => new SentimentTreeReader(file, line.Number, line.Text).Read())];
}

/// <summary>Reads <c>(3 (2 A) (4 (3 good) (2 idea)))</c>: a label, then a word or two subtrees. Depth is no matter: the stack is its own.</summary>
sealed class SentimentTreeReader(TextFile file, int line, string text)
{
    readonly List<int> labels = [], left = [], right = [];
    readonly List<string?> words = [];
    int at;

    /// <summary>A node that is being read, and its children so far.</summary>
    sealed class Open(int label)
    {
        public int Label => label;
        public List<int> Children { get; } = [];
        public string? Word { get; set; }
    }

    public SentimentTree Read()
    {
        var open = new Stack<Open>();
        do
        {
            if (Take('(')) open.Push(new Open(Label()));
            else if (Take(')')) Close(open);
            else if (Take(' ')) continue;
            else Word(open);
        }
        while (open.Count > 0 && at < text.Length);
        if (open.Count > 0) throw Wrong($"the tree ends with {open.Count} brackets open");
        if (at < text.Length) throw Wrong("there is more behind the tree's last bracket");
        return new SentimentTree([.. labels], [.. words], [.. left], [.. right]);
    }

    int Label()
    {
        if (at + 1 >= text.Length || text[at + 1] != ' ') throw Wrong("a label from 0 to 4 and a space should follow the bracket");
        var label = text[at] - '0';
        if (label is < 0 or >= SentimentTree.LabelCount) throw Wrong($"the label {text[at]} is not one of 0 to 4");
        at += 2;
        return label;
    }

    /// <summary>A word is what the space and the brackets end; a no-break space belongs to it.</summary>
    void Word(Stack<Open> open)
    {
        if (!open.TryPeek(out var node)) throw Wrong("a tree begins with a bracket");
        if (node.Children.Count > 0 || node.Word is not null) throw Wrong("a node holds one word or two subtrees");
        var start = at;
        while (at < text.Length && text[at] is not (' ' or '(' or ')')) at++;
        node.Word = text[start..at];
    }

    void Close(Stack<Open> open)
    {
        if (!open.TryPop(out var node)) throw Wrong("a bracket closes that was never opened");
        if (node.Word is null && node.Children.Count != 2) throw Wrong($"a node has {node.Children.Count} subtrees and no word; it should have two, or a word");
        if (open.TryPeek(out var parent))
        {
            if (parent.Word is not null || parent.Children.Count == 2) throw Wrong("a node holds one word or two subtrees");
            parent.Children.Add(labels.Count);
        }
        labels.Add(node.Label);
        words.Add(node.Word);
        left.Add(node.Word is null ? node.Children[0] : -1);
        right.Add(node.Word is null ? node.Children[1] : -1);
    }

    bool Take(char c)
    {
        if (at == text.Length || text[at] != c) return false;
        at++;
        return true;
    }

    UserError Wrong(string what) => file.Wrong(line, $"is no tree: at column {at + 1} {what}. Fetch the file again");
}
