namespace Lofizone.Nfs.Tests.Fake;

/// <summary>A file: its stable content, and above that the UNSTABLE writes, which are lost unless they are committed.</summary>
internal sealed class FakeFile(string name)
{
    private readonly List<(long Offset, byte[]? Data, long Length)> _unstable = [];
    private byte[] _current = [];
    private byte[] _stable = [];

    private static ulong _numbers = 1;

    public string Name { get; } = name;

    public byte[] Handle { get; } = System.Text.Encoding.UTF8.GetBytes("file:" + name);

    public ulong Number { get; } = Interlocked.Increment(ref _numbers);

    /// <summary>The verifier of the OPEN that made the file (EXCLUSIVE4_1); 0 for another way of making.</summary>
    public ulong ExclusiveVerifier { get; init; }

    public bool IsDirectory { get; init; }

    public bool IsSymbolicLink { get; init; }

    public (long Seconds, uint Nanoseconds)? Modified { get; init; }

    /// <summary>The content that a read returns now.</summary>
    public byte[] Current => [.. _current];

    /// <summary>The content that certainly survives a restart.</summary>
    public byte[] Stable => [.. _stable];

    public long Size => _current.Length;

    public int UnstableWrites => _unstable.Count;

    public ReadOnlySpan<byte> Read(long offset, int length)
    {
        int start = (int)Math.Min(offset, _current.Length);
        return _current.AsSpan(start, Math.Min(length, _current.Length - start));
    }

    public void Write(long offset, byte[] data, bool stable)
    {
        _unstable.Add((offset, data, data.Length));
        Apply(ref _current, _unstable[^1]);
        if (stable)
            Commit();
    }

    public void Deallocate(long offset, long length)
    {
        _unstable.Add((offset, null, length));
        Apply(ref _current, _unstable[^1]);
    }

    public void SetSize(long size)
    {
        Commit();
        Array.Resize(ref _current, (int)size);
        _stable = [.. _current];
    }

    public void Allocate(long end)
    {
        if (end > Size)
            SetSize(end);
    }

    public void Commit()
    {
        _stable = [.. _current];
        _unstable.Clear();
    }

    /// <summary>The server dies. <paramref name="survives"/> picks the UNSTABLE writes that have reached the disk.</summary>
    public void Crash(Func<int, bool> survives, bool keepsHoles = false)
    {
        for (int i = 0; i < _unstable.Count; i++)
        {
            if (survives(i) || keepsHoles && _unstable[i].Data is null)
                Apply(ref _stable, _unstable[i]);
        }
        _unstable.Clear();
        _current = [.. _stable];
    }

    private static void Apply(ref byte[] content, (long Offset, byte[]? Data, long Length) write)
    {
        if (write.Data is { } data)
        {
            if (content.Length < write.Offset + data.Length)
                Array.Resize(ref content, (int)(write.Offset + data.Length));
            data.CopyTo(content, write.Offset);
        }
        else if (write.Offset < content.Length)
        {
            content.AsSpan((int)write.Offset, (int)Math.Min(write.Length, content.Length - write.Offset)).Clear();
        }
    }
}
