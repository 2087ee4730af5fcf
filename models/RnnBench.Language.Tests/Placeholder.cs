namespace RnnBench.Language.Tests;
