using System.Runtime.InteropServices;
using Lofizone.Tracing;

namespace Lofizone.Engine;

/// <summary>Phase of an engine, for its keeper and its successor.</summary>
internal enum EnginePhase
{
    /// <summary>The engine does not serve yet. An engine that ends now has failed to start, and no device relies on it.</summary>
    Starting,

    /// <summary>A device relies on the engine. A successor must take over when the engine ends.</summary>
    Serving,

    /// <summary>All data is stored and the mount is gone. The engine may end.</summary>
    Ended,
}

/// <summary>One end of an engine that was not in order.</summary>
/// <param name="Timestamp">Time of the machine's monotonic clock (<see cref="TimeProvider.GetTimestamp"/>).</param>
/// <param name="Progress">Number of resumes that engines had completed by then.</param>
internal readonly record struct EngineDeath(long Timestamp, long Progress);

/// <summary>
/// The page at the start of the shared memory, through which keeper, engine and successors communicate. The page consists of single aligned
/// words, each written by one side, so that the content makes sense at every moment.
/// </summary>
internal sealed class KeeperNotes(Memory<byte> page)
{
    /// <summary>Number of deaths that the page remembers.</summary>
    public const int DeathLimit = 64;

    private const int PhaseAt = 0;
    private const int ResendAt = 1;
    private const int ProgressAt = 2;
    private const int RestartsAt = 3;
    private const int GenerationAt = 4;
    private const int TraceAt = 5;
    private const int OperationsAt = 6;
    private const int BytesAt = 7;
    private const int DeathsAt = 8;

    /// <summary>Written by the engine.</summary>
    public EnginePhase Phase
    {
        get => (EnginePhase)Read(PhaseAt);
        set => Write(PhaseAt, (long)value);
    }

    /// <summary>
    /// The kernel sends unanswered requests again (FUSE_HAS_RESEND). Without that feature no engine can take over. Written by the engine.
    /// </summary>
    public bool CanResend
    {
        get => Read(ResendAt) != 0;
        set => Write(ResendAt, value ? 1 : 0);
    }

    /// <summary>Number of resumes that engines have completed. Written by the engine.</summary>
    public long Progress
    {
        get => Read(ProgressAt);
        set => Write(ProgressAt, value);
    }

    /// <summary>Generation of this attachment's owner record (<see cref="Ownership.ImageOwner"/>). Written by the first engine.</summary>
    public long Generation
    {
        get => Read(GenerationAt);
        set => Write(GenerationAt, value);
    }

    /// <summary>The traced layers, which a successor goes on tracing. Written by the engine.</summary>
    public TraceLayers Trace
    {
        get => (TraceLayers)Read(TraceAt);
        set => Write(TraceAt, (long)value);
    }

    /// <summary>The limits of the device's requests, which a successor goes on with. Written by the engine.</summary>
    public IoLimits Limits
    {
        get => new(Read(OperationsAt), Read(BytesAt));
        set
        {
            Write(OperationsAt, value.Operations);
            Write(BytesAt, value.Bytes);
        }
    }

    /// <summary>Number of engines started after the first. Written by the keeper.</summary>
    public long Restarts => Read(RestartsAt);

    /// <summary>The last deaths, oldest first.</summary>
    public IReadOnlyList<EngineDeath> Deaths
    {
        get
        {
            long count = Restarts;
            List<EngineDeath> deaths = [];
            for (long i = Math.Max(0, count - DeathLimit); i < count; i++)
            {
                int at = DeathsAt + (int)(i % DeathLimit * 2);
                deaths.Add(new EngineDeath(Read(at), Read(at + 1)));
            }

            return deaths;
        }
    }

    /// <summary>Notes a death that is followed by a restart.</summary>
    public void Add(EngineDeath death)
    {
        long count = Restarts;
        int at = DeathsAt + (int)(count % DeathLimit * 2);
        Write(at, death.Timestamp);
        Write(at + 1, death.Progress);
        Write(RestartsAt, count + 1);
    }

    private long Read(int word) => Volatile.Read(ref Word(word));

    private void Write(int word, long value) => Volatile.Write(ref Word(word), value);

    private ref long Word(int word) => ref MemoryMarshal.Cast<byte, long>(page.Span)[word];
}
