using CsCheck;

namespace Lofizone.Nfs.Tests.Fake;

internal enum FileStep
{
    Write,
    WriteInRestart,
    Deallocate,
    Flush,
    Read,
    Restart,
    Cut,
    ForgetSessions,
    ForgetState,
    Kill,
    KillInWrite,
    KillAndRestart,
}

/// <summary>A drawn step, with the values that any step may need.</summary>
internal readonly record struct DrawnStep(FileStep Step, int Offset, int Length, int Seed)
{
    /// <summary>Picks the uncommitted writes that survive a restart of the server, by number.</summary>
    public Func<int, bool> Survivors
    {
        get
        {
            int seed = Seed;
            return i => (seed >> (i % 31) & 1) != 0;
        }
    }
}

/// <summary>An open file and the content that it must have, for steps in a drawn order.</summary>
internal sealed class FileModel
{
    private const int FileBytes = 4096;

    private readonly FakeRun _run;
    private readonly byte[] _model = new byte[FileBytes];
    private byte _fill;

    private FileModel(FakeRun run, NfsFile file)
    {
        (_run, File) = (run, file);
    }

    /// <summary>The file. A successor of a killed client has another one.</summary>
    public NfsFile File { get; set; }

    public static async Task<FileModel> OpenAsync(FakeRun run)
    {
        run.Server.MostWriteBytes = 600;
        FileModel model = new(run, await run.OpenAsync());
        await run.FinishAsync(model.File.SetLengthAsync(FileBytes));
        return model;
    }

    /// <summary>Draws steps in any order.</summary>
    /// <param name="steps">The steps, each with its weight.</param>
    public static Gen<DrawnStep[]> Steps(params (int Weight, FileStep Step)[] steps) => Gen.Select(
        Gen.Frequency([.. steps.Select(s => (s.Weight, (IGen<FileStep>)Gen.Const(s.Step)))]),
        Gen.Int[0, FileBytes - 1],
        Gen.Int[1, 1500],
        Gen.Int[0, int.MaxValue],
        (step, offset, length, seed) => new DrawnStep(step, offset, Math.Min(length, FileBytes - offset), seed)).Array[1, 40];

    /// <summary>Does a step that does not kill the client.</summary>
    public async Task DoAsync(DrawnStep drawn)
    {
        switch (drawn.Step)
        {
            case FileStep.Write:
                await _run.FinishAsync(File.WriteAsync(drawn.Offset, Fill(drawn)));
                break;
            case FileStep.WriteInRestart:
                Task write = File.WriteAsync(drawn.Offset, Fill(drawn)).AsTask();
                _run.Server.Restart(drawn.Survivors);
                await _run.FinishAsync(write);
                break;
            case FileStep.Deallocate:
                _model.AsSpan(drawn.Offset, drawn.Length).Clear();
                await _run.FinishAsync(File.DeallocateAsync(drawn.Offset, drawn.Length));
                break;
            case FileStep.Flush:
                await FlushAsync();
                break;
            case FileStep.Read:
                byte[] back = new byte[FileBytes];
                Assert.Equal(FileBytes, await _run.FinishAsync(File.ReadAsync(0, back)));
                Assert.Equal(_model, back);
                break;
            case FileStep.Restart:
                _run.Server.Restart(drawn.Survivors);
                break;
            case FileStep.ForgetSessions:
                _run.Server.ForgetSessions();
                break;
            case FileStep.ForgetState:
                _run.Server.ForgetState(drawn.Survivors);
                break;
            case FileStep.Cut:
                _run.Server.Cut();
                break;
            default:
                throw new ArgumentException($"{drawn.Step} is a step of the client's", nameof(drawn));
        }
    }

    /// <summary>Notes a write that the caller sends, and returns its data.</summary>
    public byte[] Fill(DrawnStep drawn)
    {
        _model.AsSpan(drawn.Offset, drawn.Length).Fill(++_fill);
        return _model.AsSpan(drawn.Offset, drawn.Length).ToArray();
    }

    /// <summary>Checks that all data is stored, no data waits for a COMMIT, and the lock is held.</summary>
    public async Task EndAsync()
    {
        await FlushAsync();
        Assert.Equal(0, _run.Client.Statistics.UncommittedBytes);
        Assert.True(File.IsLocked);
        Assert.Empty(_run.Server.Violations);
    }

    private async Task FlushAsync()
    {
        await _run.FinishAsync(File.CommitAsync());
        Assert.Equal(_model, _run.Server.File("image").Stable);
    }
}
