namespace Lofizone.Tests;

/// <summary>Keeps the lines it is given.</summary>
internal sealed class RecordingReporter : IReporter
{
    public List<string> Lines { get; } = [];

    public void Line(string text) => Lines.Add(text);

    public void Progress(string text, long done, long total)
    {
    }
}
