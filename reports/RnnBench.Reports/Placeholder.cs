namespace RnnBench.Reports;
