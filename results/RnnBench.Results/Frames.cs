using System.Data;
using Microsoft.Data.Analysis;

namespace RnnBench.Results;

/// <summary>From rows to data frames.</summary>
static class Frames
{
    /// <summary>Reads rows into the columns that a query promises.</summary>
    public static DataFrame Read(IDataReader reader, IReadOnlyList<QueryColumn> columns)
    {
        var names = Enumerable.Range(0, reader.FieldCount).Select(reader.GetName);
        if (!names.SequenceEqual(columns.Select(c => c.Name)))
            throw new InvalidOperationException($"the query gives {string.Join(", ", names)}, not {string.Join(", ", columns.Select(c => c.Name))}.");
        var fillers = columns.Select(Filler.For).ToArray();
        while (reader.Read())
            for (var i = 0; i < fillers.Length; i++) fillers[i].Append(reader, i);
        return new DataFrame(fillers.Select(f => f.Column));
    }

    /// <summary>Reads rows whose columns nobody has described: each is of the widest kind among its values, text where there are none.</summary>
    public static DataFrame Read(IDataReader reader)
    {
        var rows = new List<object?[]>();
        while (reader.Read())
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(i => reader.IsDBNull(i) ? null : reader.GetValue(i))]);
        return new DataFrame(Enumerable.Range(0, reader.FieldCount).Select(i => Column(reader.GetName(i), [.. rows.Select(r => r[i])])));
    }

    static DataFrameColumn Column(string name, object?[] values)
    {
        var present = values.Where(v => v is not null).ToArray();
        if (present.Length > 0 && present.All(v => v is long)) return new Int64DataFrameColumn(name, values.Select(v => (long?)v));
        if (present.Length > 0 && present.All(v => v is long or double))
            return new DoubleDataFrameColumn(name, values.Select(v => v is null ? default(double?) : Convert.ToDouble(v)));
        return new StringDataFrameColumn(name, values.Select(v => v is null ? null : FormattableString.Invariant($"{v}")));
    }

    /// <summary>A column that grows by one value a row.</summary>
    sealed record Filler(DataFrameColumn Column, Action<IDataReader, int> Append)
    {
        public static Filler For(QueryColumn column)
        {
            switch (column.Kind)
            {
                case ColumnKind.Whole:
                    var whole = new Int64DataFrameColumn(column.Name);
                    return new(whole, (r, i) => whole.Append(r.IsDBNull(i) ? null : r.GetInt64(i)));
                case ColumnKind.Real:
                    var real = new DoubleDataFrameColumn(column.Name);
                    return new(real, (r, i) => real.Append(r.IsDBNull(i) ? null : r.GetDouble(i)));
                case ColumnKind.Text:
                    var text = new StringDataFrameColumn(column.Name, 0);
                    return new(text, (r, i) => text.Append(r.IsDBNull(i) ? null : r.GetString(i)));
                default:
                    throw new ArgumentOutOfRangeException(nameof(column), column.Kind, "no such kind of column");
            }
        }
    }
}
