using Lofizone.Cli.Output;
using Lofizone.Config.Zonecfg;

namespace Lofizone.Cli.Solaris;

/// <summary>Zonecfg on this process's standard streams. The session is interactive when both input and output are a terminal.</summary>
internal sealed class ConsoleZonecfgIo : ZonecfgIo
{
    public override bool IsInteractive { get; } = !Console.IsInputRedirected && !Console.IsOutputRedirected;

    public override TextWriter Out => Console.Out;

    public override TextWriter Error => Console.Error;

    public override async Task<string?> ReadLineAsync(string prompt, CancellationToken cancellation)
    {
        if (IsInteractive)
        {
            await Console.Out.WriteAsync(prompt.AsMemory(), cancellation);
            await Console.Out.FlushAsync(cancellation);
        }

        string? line = await InputLine.ReadAsync(cancellation);
        if (line is null && IsInteractive)
            await Console.Out.WriteLineAsync();
        return line;
    }
}
