namespace RnnBench.Architectures.Tests;
