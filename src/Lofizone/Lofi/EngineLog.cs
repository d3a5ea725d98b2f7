using System.Globalization;

namespace Lofizone.Lofi;

/// <summary>An engine's log: what happens to it, one line each with the time in UTC. Not for what happens to single requests.</summary>
internal sealed class EngineLog(TextWriter output, TimeProvider time)
{
    private readonly Lock _gate = new();

    public void Write(string text)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {text}");
        lock (_gate)
            output.WriteLine(line);
    }
}
