using System.Buffers.Binary;
using System.IO.Compression;

namespace RnnBench.Tasks.Data;

/// <summary>A gzip file as it is unpacked, for files too large to be held: it notices when it ends too early, which <see cref="GZipStream"/> does not.</summary>
sealed class CheckedGzip(FileStream file) : Stream
{
    const int Smallest = 18;

    readonly uint promised = LengthInTrailer(file);
    readonly GZipStream unpacked = new(file, CompressionMode.Decompress);
    uint length;

    /// <exception cref="InvalidDataException">It is damaged, or does not hold as many bytes as its end says.</exception>
    public override int Read(Span<byte> buffer)
    {
        var count = unpacked.Read(buffer);
        length += (uint)count;
        if (count == 0 && length != promised) throw new InvalidDataException("it does not hold what its end says");
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>The length of the content modulo 2^32 (RFC 1952, section 2.3.1).</summary>
    static uint LengthInTrailer(FileStream file)
    {
        var trailer = new byte[4];
        if (file.Length < Smallest) throw new InvalidDataException("it is too short for a gzip file");
        file.Seek(-4, SeekOrigin.End);
        file.ReadExactly(trailer);
        file.Seek(0, SeekOrigin.Begin);
        return BinaryPrimitives.ReadUInt32LittleEndian(trailer);
    }

    protected override void Dispose(bool disposing)
    {
        unpacked.Dispose();
        base.Dispose(disposing);
    }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
