namespace RnnBench.Harness.Tests;
