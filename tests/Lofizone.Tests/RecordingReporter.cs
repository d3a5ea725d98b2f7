namespace Lofizone.Tests;

/// <summary>Keeps its lines for a test.</summary>
internal sealed class RecordingReporter : IReporter
{
    public List<string> Lines { get; } = [];

    public void Line(string text) => Lines.Add(text);

    public void Progress(string text, long done, long total)
    {
    }
}
