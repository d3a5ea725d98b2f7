namespace Lofizone.Nfs.Tests.Fake;

/// <summary>An open file beside what it must hold, for tests that do steps in a drawn order.</summary>
internal sealed class FileModel
{
    public const int FileBytes = 4096;

    private readonly FakeRun _run;
    private readonly byte[] _model = new byte[FileBytes];
    private byte _fill;

    private FileModel(FakeRun run, NfsFile file)
    {
        (_run, File) = (run, file);
    }

    /// <summary>Another one after the client was killed.</summary>
    public NfsFile File { get; set; }

    public static async Task<FileModel> OpenAsync(FakeRun run)
    {
        run.Server.MostWriteBytes = 600;
        FileModel model = new(run, await run.OpenAsync());
        await run.FinishAsync(model.File.SetLengthAsync(FileBytes));
        return model;
    }

    /// <summary>Which of the server's uncommitted writes survive its restart, by their numbers.</summary>
    public static Func<int, bool> Survivors(int seed) => i => (seed >> (i % 31) & 1) != 0;

    /// <summary>What the file must hold from now on, for a write that the caller sends.</summary>
    public byte[] Fill(int offset, int length)
    {
        _model.AsSpan(offset, length).Fill(++_fill);
        return _model.AsSpan(offset, length).ToArray();
    }

    public Task WriteAsync(int offset, int length) => _run.FinishAsync(File.WriteAsync(offset, Fill(offset, length)));

    public async Task DeallocateAsync(int offset, int length)
    {
        _model.AsSpan(offset, length).Clear();
        await _run.FinishAsync(File.DeallocateAsync(offset, length));
    }

    public async Task FlushAsync()
    {
        await _run.FinishAsync(File.CommitAsync());
        Assert.Equal(_model, _run.Server.File("image").Stable);
    }

    public async Task ReadAsync()
    {
        byte[] back = new byte[FileBytes];
        Assert.Equal(FileBytes, await _run.FinishAsync(File.ReadAsync(0, back)));
        Assert.Equal(_model, back);
    }

    /// <summary>All is stored, nothing is kept for another write, and the lock is held.</summary>
    public async Task EndAsync()
    {
        await FlushAsync();
        Assert.Equal(0, _run.Client.Statistics.UncommittedBytes);
        Assert.True(File.IsLocked);
        Assert.Empty(_run.Server.Violations);
    }
}
