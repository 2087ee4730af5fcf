namespace RnnBench.Results.Tests;
