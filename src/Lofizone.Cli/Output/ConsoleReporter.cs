using Lofizone.Logs;
using Lofizone.Zones;
using Spectre.Console;

namespace Lofizone.Cli.Output;

/// <summary>
/// Reports progress of long work: on a terminal one live line, which each report replaces; elsewhere only the lines that stay.
/// </summary>
internal sealed class ConsoleReporter(TimeProvider time) : IReporter
{
    /// <summary>A reporter for one zone. Warnings also go to the host's log.</summary>
    public static IReporter Of(ZoneHost host, string zone) => new ZoneReporter(new ConsoleReporter(host.Time), host.Paths, zone);

    /// <summary>Shortest time between two changes of the live line, milliseconds. The eye sees no faster changes.</summary>
    private const int RefreshMilliseconds = 100;

    private readonly IAnsiConsole? _terminal = Terminal();
    private readonly Lock _lock = new();
    private long _shownAt;
    private bool _live;

    public void Line(string text)
    {
        lock (_lock)
        {
            Write(() => Console.Out.WriteLine(SafeText.Line(text)));
        }
    }

    public void Progress(string text, long done, long total)
    {
        if (_terminal is null)
            return;
        lock (_lock)
        {
            if (_live && time.GetElapsedTime(_shownAt).TotalMilliseconds < RefreshMilliseconds)
                return;
            _shownAt = time.GetTimestamp();
            string amount = total > 0 ? $" {100 * done / total}%" : "";
            string live = Glyphs.OfTerminal.Live(SafeText.Line(text), amount, _terminal.Profile.Width);
            Write(() => _terminal.Markup($"[grey]{Markup.Escape(live)}[/]"));
            _live = true;
        }
    }

    /// <summary>The terminal; null for a file, or for a terminal without control sequences, where no line can be replaced.</summary>
    private static IAnsiConsole? Terminal()
    {
        if (Console.IsErrorRedirected)
            return null;
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return terminal.Profile.Capabilities.Ansi ? terminal : null;
    }

    private void Write(Action write)
    {
        try
        {
            EraseLive();
            write();
        }
        catch (IOException)
        {
            // The terminal was closed. The operation still goes on, or is undone.
        }
    }

    private void EraseLive()
    {
        if (!_live)
            return;
        Console.Error.Write("\r\e[2K");
        _live = false;
    }
}
