using System.Text;

namespace Lofizone.Logs;

/// <summary>A log of bounded size that several processes write, each line with its time in UTC (<see cref="BoundedFile"/>).</summary>
/// <param name="file">Path of the file.</param>
/// <param name="zone">The zone that the lines are about; null when there is none.</param>
/// <param name="time">The clock.</param>
public sealed class BoundedLog(string file, string? zone, TimeProvider time) : HostLogWriter(zone)
{
    /// <inheritdoc cref="BoundedFile.LimitBytes"/>
    public const long LimitBytes = BoundedFile.LimitBytes;

    private readonly BoundedFile _file = new(file);

    protected override bool Store(string text, LogPriority priority)
    {
        string warning = priority < LogPriority.Information ? "warning: " : "";
        return _file.Append(
            Encoding.UTF8.GetBytes($"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {warning}{text.ReplaceLineEndings(" ")}\n"));
    }
}
