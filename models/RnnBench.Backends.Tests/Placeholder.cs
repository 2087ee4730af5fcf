namespace RnnBench.Backends.Tests;
