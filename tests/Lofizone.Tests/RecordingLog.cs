using System.Collections.Concurrent;
using Lofizone.Logs;

namespace Lofizone.Tests;

/// <summary>Keeps its entries for a test.</summary>
internal sealed class RecordingLog() : HostLogWriter(zone: null)
{
    public ConcurrentQueue<string> Entries { get; } = [];

    protected override bool Store(string text, LogPriority priority)
    {
        Entries.Enqueue(text);
        return true;
    }
}
