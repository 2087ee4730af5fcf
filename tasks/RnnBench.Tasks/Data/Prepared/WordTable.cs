using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace RnnBench.Tasks.Data;

/// <summary>Words as bytes and their ids, in order of first appearance; a table for hundreds of thousands of words that makes no strings.</summary>
sealed class WordTable
{
    int[] slots = new int[1 << 16];                     // id + 1; 0 is empty
    uint[] hashes = new uint[1 << 15];
    int[] starts = new int[(1 << 15) + 1];
    byte[] bytes = new byte[1 << 18];

    /// <summary>How many words there are.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes of a word.</summary>
    public ReadOnlySpan<byte> this[int id] => bytes.AsSpan(starts[id], starts[id + 1] - starts[id]);

    /// <summary>The id of a word; where it is new, it is added, or refused with -1.</summary>
    public int Id(ReadOnlySpan<byte> word, bool add)
    {
        var hash = Hash(word);
        for (var slot = (int)hash & (slots.Length - 1); ; slot = (slot + 1) & (slots.Length - 1))
        {
            var id = slots[slot] - 1;
            if (id < 0) return add ? Add(word, hash, slot) : -1;
            if (hashes[id] == hash && this[id].SequenceEqual(word)) return id;
        }
    }

    int Add(ReadOnlySpan<byte> word, uint hash, int slot)
    {
        var id = Count++;
        if (id == hashes.Length)
        {
            Array.Resize(ref hashes, 2 * id);
            Array.Resize(ref starts, 2 * id + 1);
        }
        while (starts[id] + word.Length > bytes.Length) Array.Resize(ref bytes, 2 * bytes.Length);
        word.CopyTo(bytes.AsSpan(starts[id]));
        (starts[id + 1], hashes[id], slots[slot]) = (starts[id] + word.Length, hash, id + 1);
        if (2 * Count > slots.Length) Grow();
        return id;
    }

    void Grow()
    {
        slots = new int[2 * slots.Length];
        for (var id = 0; id < Count; id++)
        {
            var slot = (int)hashes[id] & (slots.Length - 1);
            while (slots[slot] != 0) slot = (slot + 1) & (slots.Length - 1);
            slots[slot] = id + 1;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static uint Hash(ReadOnlySpan<byte> word)
    {
        var hash = (ulong)word.Length;
        for (; word.Length >= sizeof(ulong); word = word[sizeof(ulong)..]) hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(word));
        var rest = 0UL;
        for (var i = 0; i < word.Length; i++) rest |= (ulong)word[i] << (8 * i);
        hash = Mix(hash, rest);
        return (uint)(hash >> 32);
    }

    /// <summary>Multiplication by 2^64 over the golden ratio (Knuth, The Art of Computer Programming 3, 6.4), after a rotation.</summary>
    static ulong Mix(ulong hash, ulong piece) => (BitOperations.RotateLeft(hash, 29) ^ piece) * 0x9E3779B97F4A7C15;
}
