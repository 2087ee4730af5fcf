namespace RnnBench.Results;

/// <summary>What a column holds.</summary>
public enum ColumnKind
{
    /// <summary>Whole numbers: <c>Int64DataFrameColumn</c>. A flag is 0 or 1.</summary>
    Whole,
    /// <summary>Real numbers: <c>DoubleDataFrameColumn</c>.</summary>
    Real,
    /// <summary>Text: <c>StringDataFrameColumn</c>.</summary>
    Text,
}

/// <summary>A column of a query.</summary>
/// <param name="Name">Its name in the data frame.</param>
/// <param name="Kind">What it holds; any column may hold nulls.</param>
/// <param name="Meaning">What it says, with its unit.</param>
public sealed record QueryColumn(string Name, ColumnKind Kind, string Meaning);

/// <summary>One named query over the runs that a <see cref="RunFilter"/> names. Its SQL is the file Sql/Name.sql behind Sql/Filter.sql.</summary>
public sealed class StoredQuery
{
    internal StoredQuery(string name, string rows, params IReadOnlyList<QueryColumn> columns) => (Name, Rows, Columns) = (name, rows, columns);

    /// <summary>Its name.</summary>
    public string Name { get; }
    /// <summary>What a row is, and how the rows are ordered.</summary>
    public string Rows { get; }
    /// <summary>The columns, in order.</summary>
    public IReadOnlyList<QueryColumn> Columns { get; }
    /// <summary>The SQL, with the parameters of the filter.</summary>
    public string Sql => Resource.Text("Filter") + Resource.Text(Name);
}
