using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace RnnBench.Tasks.Data;

/// <summary>
/// Words as bytes and their ids, in order of first appearance; a table for hundreds of thousands of words that makes no strings. A slot holds a short
/// word itself, so that most words are found with one access to memory.
/// </summary>
sealed class WordTable
{
    /// <summary>A word of up to eight bytes as a number, or the hash of a longer one; its length; its id + 1, and 0 where the slot is empty.</summary>
    readonly record struct Slot(ulong Key, int Length, int Next);

    Slot[] slots = new Slot[1 << 16];
    int[] starts = new int[(1 << 15) + 1];
    byte[] bytes = new byte[1 << 18];

    /// <summary>How many words there are.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes of a word.</summary>
    public ReadOnlySpan<byte> this[int id] => bytes.AsSpan(starts[id], starts[id + 1] - starts[id]);

    /// <summary>The id of a word; where it is new, it is added, or refused with -1.</summary>
    public int Id(ReadOnlySpan<byte> word, bool add)
    {
        var key = Key(word);
        for (var place = Place(key, word.Length); ; place = (place + 1) & (slots.Length - 1))
        {
            ref readonly var slot = ref slots[place];
            if (slot.Next == 0) return add ? Add(word, key, place) : -1;
            if (slot.Key == key && slot.Length == word.Length && (word.Length <= sizeof(ulong) || this[slot.Next - 1].SequenceEqual(word))) return slot.Next - 1;
        }
    }

    int Add(ReadOnlySpan<byte> word, ulong key, int place)
    {
        var id = Count++;
        if (id + 1 == starts.Length) Array.Resize(ref starts, 2 * starts.Length);
        while (starts[id] + word.Length > bytes.Length) Array.Resize(ref bytes, 2 * bytes.Length);
        word.CopyTo(bytes.AsSpan(starts[id]));
        (starts[id + 1], slots[place]) = (starts[id] + word.Length, new Slot(key, word.Length, Count));
        if (3 * Count > 2 * slots.Length) Grow();
        return id;
    }

    void Grow()
    {
        var old = slots;
        slots = new Slot[2 * old.Length];
        foreach (var slot in old)
        {
            if (slot.Next == 0) continue;
            var place = Place(slot.Key, slot.Length);
            while (slots[place].Next != 0) place = (place + 1) & (slots.Length - 1);
            slots[place] = slot;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Key(ReadOnlySpan<byte> word)
    {
        if (word.Length <= sizeof(ulong)) return Short(word);
        var hash = 0UL;
        var rest = word;
        for (; rest.Length > sizeof(ulong); rest = rest[sizeof(ulong)..]) hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(rest));
        return Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(word[^sizeof(ulong)..]));
    }

    /// <summary>Up to eight bytes as one number, read in two pieces that may overlap: another word of the same length is another number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static ulong Short(ReadOnlySpan<byte> word) => word.Length switch
    {
        >= sizeof(uint) => BinaryPrimitives.ReadUInt32LittleEndian(word) | (ulong)BinaryPrimitives.ReadUInt32LittleEndian(word[^sizeof(uint)..]) << 32,
        > 0 => word[0] | (ulong)word[word.Length / 2] << 8 | (ulong)word[^1] << 16,
        _ => 0,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    int Place(ulong key, int length) => (int)(Mix((ulong)length, key) >> 32) & (slots.Length - 1);

    /// <summary>Multiplication by 2^64 over the golden ratio (Knuth, The Art of Computer Programming 3, 6.4), after a rotation.</summary>
    static ulong Mix(ulong hash, ulong piece) => (BitOperations.RotateLeft(hash, 29) ^ piece) * 0x9E3779B97F4A7C15;
}
