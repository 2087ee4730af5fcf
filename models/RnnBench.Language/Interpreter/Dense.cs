namespace RnnBench.Language;

/// <summary>Small dense matrices in double precision, row by row: what the interpreter needs of linear algebra, plainly written.</summary>
static class Dense
{
    /// <summary>The identity of a size, times a number.</summary>
    public static double[] Identity(int n, double scale = 1)
    {
        var m = new double[n * n];
        for (var k = 0; k < n; k++) m[k * n + k] = scale;
        return m;
    }

    /// <summary>A sum, the second times a number.</summary>
    public static double[] Add(double[] a, double[] b, double scale = 1) => [.. a.Zip(b, (x, y) => x + scale * y)];

    /// <summary>The transpose of a matrix of so many rows.</summary>
    public static double[] Transpose(double[] a, int rows)
    {
        var columns = a.Length / rows;
        var m = new double[a.Length];
        for (var k = 0; k < a.Length; k++) m[k % columns * rows + k / columns] = a[k];
        return m;
    }

    /// <summary>[rows, inner] times [inner, columns].</summary>
    public static double[] Multiply(double[] a, double[] b, int inner)
    {
        var (rows, columns) = (a.Length / inner, b.Length / inner);
        var m = new double[rows * columns];
        for (var r = 0; r < rows; r++)
            for (var k = 0; k < inner; k++)
                for (var c = 0; c < columns; c++) m[r * columns + c] += a[r * inner + k] * b[k * columns + c];
        return m;
    }

    /// <summary>A⁻¹ B by elimination with row exchanges.</summary>
    /// <param name="a">[n,n], not singular.</param>
    /// <param name="b">[n, any].</param>
    /// <param name="n">The size of A.</param>
    public static double[] Solve(double[] a, double[] b, int n)
    {
        var columns = b.Length / n;
        var rows = Enumerable.Range(0, n).Select(r => (double[])[.. a[(r * n)..((r + 1) * n)], .. b[(r * columns)..((r + 1) * columns)]]).ToArray();
        for (var k = 0; k < n; k++)
        {
            var pivot = Enumerable.Range(k, n - k).MaxBy(r => Math.Abs(rows[r][k]));
            (rows[k], rows[pivot]) = (rows[pivot], rows[k]);
            for (var r = 0; r < n; r++)
            {
                if (r == k) continue;
                var factor = rows[r][k] / rows[k][k];
                for (var c = k; c < n + columns; c++) rows[r][c] -= factor * rows[k][c];
            }
        }
        return [.. rows.SelectMany((row, r) => row[n..].Select(value => value / row[r]))];
    }

    /// <summary>exp(A): scaled down until its norm is below 1/2, Taylor's series, squared up again (Moler and Van Loan 2003, method 3).</summary>
    public static double[] Exponential(double[] a, int n)
    {
        var norm = a.Chunk(n).Max(row => row.Sum(Math.Abs));
        var halvings = norm < 0.5 ? 0 : (int)Math.Ceiling(Math.Log2(norm)) + 1;
        double[] scaled = [.. a.Select(x => Math.ScaleB(x, -halvings))];
        var (sum, term) = (Identity(n), Identity(n));
        for (var k = 1; k <= 20; k++)                                       // (1/2)^20 / 20! is far below the rounding
        {
            term = [.. Multiply(term, scaled, n).Select(x => x / k)];
            sum = Add(sum, term);
        }
        for (var k = 0; k < halvings; k++) sum = Multiply(sum, sum, n);
        return sum;
    }

    /// <summary>The derivative of exp at A in a direction: a corner of the exponential of a block matrix (Van Loan 1978, theorem 1).</summary>
    public static double[] ExponentialAlong(double[] a, double[] direction, int n)
    {
        var blocks = new double[4 * n * n];
        for (var r = 0; r < n; r++)
            for (var c = 0; c < n; c++)
            {
                blocks[r * 2 * n + c] = blocks[(r + n) * 2 * n + c + n] = a[r * n + c];
                blocks[r * 2 * n + c + n] = direction[r * n + c];
            }
        var whole = Exponential(blocks, 2 * n);
        return [.. Enumerable.Range(0, n * n).Select(k => whole[k / n * 2 * n + n + k % n])];
    }
}
