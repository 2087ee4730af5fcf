using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RnnBench.Backends.Cpu;

/// <summary>
/// What a kernel does with memory and bits, one class a register width. Addresses are whole numbers, because expression trees know no
/// pointers. Each method inlines into the kernel that calls it; without the attribute a kernel is several times slower.
/// </summary>
static unsafe class Registers512
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Load<T>(long at) where T : unmanaged => Vector512.Load((T*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(Vector512<T> value, long at) where T : unmanaged => value.Store((T*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Broadcast<T>(long at) where T : unmanaged => Vector512.Create(*(T*)at);

    /// <summary>Moves the low bits of the fraction into the exponent: the last step of 2ⁿ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> ToExponent<T>(Vector512<T> value) => typeof(T) == typeof(float)
        ? Vector512.ShiftLeft(value.AsInt32(), 23).As<int, T>()
        : Vector512.ShiftLeft(value.AsInt64(), 52).As<long, T>();
}

/// <summary>As <see cref="Registers512"/>, with 256 bits.</summary>
static unsafe class Registers256
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Load<T>(long at) where T : unmanaged => Vector256.Load((T*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(Vector256<T> value, long at) where T : unmanaged => value.Store((T*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Broadcast<T>(long at) where T : unmanaged => Vector256.Create(*(T*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> ToExponent<T>(Vector256<T> value) => typeof(T) == typeof(float)
        ? Vector256.ShiftLeft(value.AsInt32(), 23).As<int, T>()
        : Vector256.ShiftLeft(value.AsInt64(), 52).As<long, T>();
}

/// <summary>As <see cref="Registers512"/>, with 128 bits.</summary>
static unsafe class Registers128
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Load<T>(long at) where T : unmanaged => Vector128.Load((T*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(Vector128<T> value, long at) where T : unmanaged => value.Store((T*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Broadcast<T>(long at) where T : unmanaged => Vector128.Create(*(T*)at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> ToExponent<T>(Vector128<T> value) => typeof(T) == typeof(float)
        ? Vector128.ShiftLeft(value.AsInt32(), 23).As<int, T>()
        : Vector128.ShiftLeft(value.AsInt64(), 52).As<long, T>();
}

/// <summary>As <see cref="Registers512"/>, one element at a time: what every machine can do.</summary>
static unsafe class Registers0
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(long at) where T : unmanaged => *(T*)at;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(T value, long at) where T : unmanaged => *(T*)at = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Broadcast<T>(long at) where T : unmanaged => *(T*)at;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T ToExponent<T>(T value) where T : unmanaged => typeof(T) == typeof(float)
        ? Unsafe.BitCast<int, T>(Unsafe.BitCast<T, int>(value) << 23)
        : Unsafe.BitCast<long, T>(Unsafe.BitCast<T, long>(value) << 52);
}
