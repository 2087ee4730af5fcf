namespace RnnBench.Tasks.Tests;
