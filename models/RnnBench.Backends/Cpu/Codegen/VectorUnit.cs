using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// The arithmetic unit that kernels are built for: an element type and a register width. It gives each operation as a node of an
/// expression tree; the compiler of the runtime turns it into one instruction.
/// </summary>
abstract class VectorUnit
{
    static readonly Dictionary<(Type Element, int Bits), VectorUnit> units = [];

    protected VectorUnit(Type element, int bits, Type register, Type memory)
    {
        (Element, Bits, Register) = (element, bits, register);
        Size = element == typeof(float) ? sizeof(float) : sizeof(double);
        Lanes = bits == 0 ? 1 : bits / 8 / Size;
        MethodInfo Of(string name) => memory.GetMethod(name)!.MakeGenericMethod(element);
        (load, store, broadcast, toExponent) = (Of("Load"), Of("Store"), Of("Broadcast"), Of("ToExponent"));
    }

    readonly MethodInfo load, store, broadcast, toExponent;

    /// <summary><c>float</c> or <c>double</c>.</summary>
    public Type Element { get; }
    /// <summary>The width of a register; 0 for one element at a time.</summary>
    public int Bits { get; }
    /// <summary>The type of a register.</summary>
    public Type Register { get; }
    /// <summary>Bytes of an element.</summary>
    public int Size { get; }
    /// <summary>Elements in a register.</summary>
    public int Lanes { get; }
    /// <summary>Bytes of a register.</summary>
    public int Bytes => Lanes * Size;
    /// <summary>How many registers there are.</summary>
    public int Registers => Bits == 512 || Avx512F.VL.IsSupported || AdvSimd.Arm64.IsSupported ? 32 : 16;

    /// <summary>The widths that this machine computes with, widest first; 0, one element at a time, is always there.</summary>
    public static IReadOnlyList<int> Widths { get; } =
    [
        .. Vector512.IsHardwareAccelerated ? [512] : Array.Empty<int>(),
        .. Vector256.IsHardwareAccelerated ? [256] : Array.Empty<int>(),
        .. Vector128.IsHardwareAccelerated ? [128] : Array.Empty<int>(),
        0,
    ];

    /// <summary>The unit of an element type (<c>float</c>, <c>double</c>) and width; the machine's widest where none is given.</summary>
    /// <exception cref="NotSupportedException">The machine has no registers of that width.</exception>
    public static VectorUnit Of(Type element, int? bits = null)
    {
        var wanted = bits ?? Widths[0];
        if (!Widths.Contains(wanted)) throw new NotSupportedException($"this machine has no vector registers of {wanted} bits; it has {string.Join(", ", Widths)}");
        lock (units)
            return units.TryGetValue((element, wanted), out var unit) ? unit
                : units[(element, wanted)] = wanted == 0 ? new ScalarUnit(element) : new SimdUnit(element, wanted);
    }

    /// <summary>A width rounded up to whole registers.</summary>
    public int Pad(int width) => (width + Lanes - 1) / Lanes * Lanes;

    public Expression Load(Expression at) => Expression.Call(load, at);
    public Expression Store(Expression value, Expression at) => Expression.Call(store, value, at);
    public Expression Broadcast(Expression at) => Expression.Call(broadcast, at);
    public Expression ToExponent(Expression value) => Expression.Call(toExponent, value);

    /// <summary>The number in every lane.</summary>
    public abstract Expression Number(double value);
    /// <summary>a b + c, with one rounding where the machine can.</summary>
    public abstract Expression MultiplyAdd(Expression a, Expression b, Expression c);
    /// <summary><paramref name="then"/> where a &gt; b, else <paramref name="other"/>; a NaN is not greater.</summary>
    public abstract Expression WhereGreater(Expression a, Expression b, Expression then, Expression other);
    public abstract Expression Abs(Expression a);
    public abstract Expression CopySign(Expression magnitude, Expression sign);
    public abstract Expression Sqrt(Expression a);
    /// <summary>A function of the runtime's own: Exp, Log, Cos, Sin.</summary>
    public abstract Expression Call(string function, Expression a);
}

/// <summary>Registers of several lanes.</summary>
sealed class SimdUnit : VectorUnit
{
    readonly MethodInfo create, multiplyAdd, greater, select, abs, copySign, sqrt;
    readonly Type operations;

    public SimdUnit(Type element, int bits) : base(element, bits, Generic(bits).MakeGenericType(element), Memory(bits))
    {
        operations = bits switch { 512 => typeof(Vector512), 256 => typeof(Vector256), _ => typeof(Vector128) };
        create = operations.GetMethod("Create", [element])!;
        multiplyAdd = operations.GetMethod("MultiplyAddEstimate", [Register, Register, Register])!;
        MethodInfo Of(string name) => operations.GetMethods().Single(m => m.Name == name && m.IsGenericMethod).MakeGenericMethod(element);
        (greater, select, abs, copySign, sqrt) = (Of("GreaterThan"), Of("ConditionalSelect"), Of("Abs"), Of("CopySign"), Of("Sqrt"));
    }

    static Type Generic(int bits) => bits switch { 512 => typeof(Vector512<>), 256 => typeof(Vector256<>), _ => typeof(Vector128<>) };
    static Type Memory(int bits) => bits switch { 512 => typeof(Registers512), 256 => typeof(Registers256), _ => typeof(Registers128) };

    public override Expression Number(double value) =>
        Expression.Call(create, Expression.Constant(Element == typeof(float) ? (float)value : (object)value, Element));
    public override Expression MultiplyAdd(Expression a, Expression b, Expression c) => Expression.Call(multiplyAdd, a, b, c);
    public override Expression WhereGreater(Expression a, Expression b, Expression then, Expression other) =>
        Expression.Call(select, Expression.Call(greater, a, b), then, other);
    public override Expression Abs(Expression a) => Expression.Call(abs, a);
    public override Expression CopySign(Expression magnitude, Expression sign) => Expression.Call(copySign, magnitude, sign);
    public override Expression Sqrt(Expression a) => Expression.Call(sqrt, a);
    public override Expression Call(string function, Expression a) => Expression.Call(operations.GetMethod(function, [Register])!, a);
}

/// <summary>One element at a time.</summary>
sealed class ScalarUnit(Type element) : VectorUnit(element, 0, element, typeof(Registers0))
{
    readonly MethodInfo multiplyAdd = element.GetMethod("MultiplyAddEstimate", [element, element, element])!;
    readonly MethodInfo abs = element.GetMethod("Abs", [element])!;
    readonly MethodInfo copySign = element.GetMethod("CopySign", [element, element])!;
    readonly MethodInfo sqrt = element.GetMethod("Sqrt", [element])!;

    public override Expression Number(double value) => Expression.Constant(Element == typeof(float) ? (float)value : (object)value, Element);
    public override Expression MultiplyAdd(Expression a, Expression b, Expression c) => Expression.Call(multiplyAdd, a, b, c);
    public override Expression WhereGreater(Expression a, Expression b, Expression then, Expression other) =>
        Expression.Condition(Expression.GreaterThan(a, b), then, other);
    public override Expression Abs(Expression a) => Expression.Call(abs, a);
    public override Expression CopySign(Expression magnitude, Expression sign) => Expression.Call(copySign, magnitude, sign);
    public override Expression Sqrt(Expression a) => Expression.Call(sqrt, a);
    public override Expression Call(string function, Expression a) => Expression.Call(Element.GetMethod(function, [Element])!, a);
}
