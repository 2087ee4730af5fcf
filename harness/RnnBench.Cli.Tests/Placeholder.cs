namespace RnnBench.Cli.Tests;
