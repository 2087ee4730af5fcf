namespace RnnBench.Harness;
