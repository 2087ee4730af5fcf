using RnnBench.Language;
using static TorchSharp.torch;

namespace RnnBench.Backends.Library;

/// <summary>
/// A scan as one layer of the library. The library has two biases where the equations have one; the second stays zero and does not train,
/// so that training gives the same numbers as every other backend.
/// </summary>
sealed class LibraryScan : ScanRunner
{
    /// <summary>Where a weight lies: the rows of one block of a stacked tensor, or a tensor of its own.</summary>
    readonly record struct Place(Tensor Tensor, long Row, double Sign);

    readonly Scan scan;
    readonly LibraryModule kind;
    readonly nn.Module layer;
    readonly State[] states;
    readonly Dictionary<Parameter, Place> places;
    readonly Tensor inputWeights, recurrentWeights, inputBias, recurrentBias;
    readonly Tensor? candidateBias;                        // b_hn of a GRU: the last block of the recurrent bias
    readonly int size;

    /// <param name="scan">What is run.</param>
    /// <param name="device">Where.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="NotSupportedException">No layer of the library has these equations.</exception>
    public LibraryScan(Scan scan, Device device, ScalarType dtype)
    {
        var (module, pattern, matching) = LibraryModule.For(scan.Cell)
            ?? throw new NotSupportedException($"no layer of the library has the equations of {scan.Cell.Name}");
        (this.scan, kind, size) = (scan, module, pattern.Hidden.Size);
        using var scope = NewDisposeScope();
        layer = module.Make(pattern.Input.Size, size, device, dtype);
        var parameters = layer.named_parameters().ToDictionary(p => p.name, p => p.parameter.DetachFromDisposeScope());
        (inputWeights, recurrentWeights) = (parameters["weight_ih_l0"], parameters["weight_hh_l0"]);
        (inputBias, recurrentBias) = (parameters["bias_ih_l0"], parameters["bias_hh_l0"]);
        using (no_grad())
            foreach (var parameter in parameters.Values) parameter.zero_();
        if (pattern.Parameters.Any(q => q.Equation == "hn"))
            candidateBias = new TorchSharp.Modules.Parameter(zeros([size], dtype, device)).DetachFromDisposeScope();
        else recurrentBias.requires_grad = false;
        states = [.. pattern.States.Select(s => matching[s])];
        places = pattern.Parameters.ToDictionary(q => matching[q], PlaceOf);
    }

    /// <summary>What ran, for the record.</summary>
    public string Path => kind.Path;

    public override IReadOnlyList<Tensor> Trainable => candidateBias is null ? [inputWeights, recurrentWeights, inputBias]
        : [inputWeights, recurrentWeights, inputBias, candidateBias];

    public override Tensor Read(Parameter weight) => Part(places[weight], places[weight].Tensor.detach());

    public override Tensor ReadGradient(Parameter weight)
    {
        using var gradient = places[weight].Tensor.grad;
        return gradient is null ? zeros_like(Read(weight)) : Part(places[weight], gradient);
    }

    public override void Write(Parameter weight, Tensor value)
    {
        using var still = no_grad();
        using var scope = NewDisposeScope();
        var (tensor, row, sign) = places[weight];
        tensor.narrow(0, row, size).copy_(value * sign);
    }

    public override SequenceResult<Tensor> Run(Tensor x, IReadOnlyDictionary<string, Tensor> initial, RunHooks<Tensor> hooks)
    {
        if (hooks.RecordGates || hooks.Tap is not null)
            throw new NotSupportedException($"{kind.Path} shows neither gates nor single steps; run {scan.Cell.Name} with the backend eager");
        var start = states.Select(s => initial.TryGetValue(s.Name, out var given) ? given.unsqueeze(0).contiguous()
            : zeros([1, x.shape[1], size], x.dtype, x.device)).ToArray();
        x = Lengths.Masked(x, hooks.Lengths);
        if (scan.Reversed) x = Lengths.Turned(x, hooks.Lengths);
        var results = hooks.Lengths is { } lengths ? Pieces(x, start, lengths) : Call(x, start);
        var last = results[1..].Select(state => state.squeeze(0));
        return new(scan.Reversed ? Lengths.Turned(results[0], hooks.Lengths) : results[0],
            states.Zip(last).ToDictionary(s => s.First.Name, s => s.Second), new Dictionary<string, Tensor>());
    }

    /// <summary>Runs from one sequence's end to the next. The layer knows nothing of lengths: who has ended is put back to the state at its end.</summary>
    Tensor[] Pieces(Tensor x, Tensor[] start, IReadOnlyList<int> lengths)
    {
        var real = Lengths.Real(lengths, x.shape[0], x.device);
        var outputs = new List<Tensor>();
        var (from, all) = (0, (int)x.shape[0]);
        foreach (var end in lengths.Where(n => n > 0).Distinct().Order())
        {
            var results = Call(x.narrow(0, from, end - from), start);
            outputs.Add(results[0]);
            var going = real[from].unsqueeze(0);
            start = [.. start.Zip(results[1..], (before, after) => where(going, after, before))];
            from = end;
        }
        if (from < all) outputs.Add(x.new_zeros([all - from, x.shape[1], size]));
        return [Lengths.Masked(cat([.. outputs], 0), lengths), .. start];
    }

    public override void Dispose()
    {
        layer.Dispose();
        foreach (var tensor in Trainable.Append(recurrentBias)) tensor.Dispose();
    }

    Tensor[] Call(Tensor x, Tensor[] start)
    {
        if (candidateBias is null) return kind.Call(layer, x, start);
        using (no_grad()) recurrentBias.narrow(0, 2 * size, size).copy_(candidateBias);
        if (!is_grad_enabled()) return kind.Call(layer, x, start);
        var whole = new HalfBias.Layer((input, h) => kind.Call(layer, input, [h])[0], inputWeights, recurrentWeights, inputBias, recurrentBias);
        var y = HalfBias.Run(whole, x, start[0], candidateBias);
        return [y, y.narrow(0, x.shape[0] - 1, 1)];                    // a GRU's only state is what it shows
    }

    Place PlaceOf(Parameter q)
    {
        var block = Array.IndexOf(kind.Blocks, q.Equation);
        if (block < 0) return new(candidateBias!, 0, 1);
        var tensor = q.Symbol switch
        {
            "W" => inputWeights,
            "U" => recurrentWeights,
            "b" => inputBias,
            _ => throw new NotSupportedException($"{kind.Path} has no weight {q.Name}"),
        };
        return new(tensor, block * size, q.Equation == kind.Negated ? -1 : 1);
    }

    Tensor Part(Place place, Tensor of)
    {
        using var scope = NewDisposeScope();
        return of.narrow(0, place.Row, size).mul(place.Sign).MoveToOuterDisposeScope();
    }
}
