namespace RnnBench.Reports.Tests;
