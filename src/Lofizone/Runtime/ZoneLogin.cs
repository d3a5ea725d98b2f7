using System.Globalization;
using System.Text;
using System.Text.Json;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Runtime.Oci;

namespace Lofizone.Runtime;

/// <summary>Runs a command in a running zone, on our own standard streams.</summary>
internal sealed class ZoneLogin(RuntimeContext context, string zone)
{
    private const int PasswdLimitBytes = 1 << 20;
    private const int LogLimitBytes = 1 << 16;

    // As shells say it.
    private const int CannotExecute = 126;
    private const int NotFound = 127;

    private const int Attempts = 10;
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);
    private static readonly string[] _shells = ["/bin/bash", "/bin/sh", "/bin/busybox"];

    private readonly RuntimePaths _paths = context.Paths(zone);

    public async Task<int> RunAsync(IReadOnlyList<string> command, bool terminal, CancellationToken cancellation)
    {
        if (RuntimeProcesses.Read(_paths).Phase != RuntimePhase.Running)
            throw new LofizoneException($"zone {zone}: not running", $"boot it: zone boot {zone}");
        string home = RootedPath.Resolve(_paths.Root, "/root") is null ? "/" : "/root";
        OciProcess process = ZoneSpec.Login(
            command.Count > 0 ? command : [LoginShell(_paths.Root), "-l"],
            terminal,
            home,
            terminal ? Environment.GetEnvironmentVariable("TERM") : null,
            Environment.GetEnvironmentVariable("LANG"),
            RuntimeContext.OpenFilesLimit);
        string file = Path.Combine(_paths.Bundle, string.Create(CultureInfo.InvariantCulture, $"login-{Environment.ProcessId}-{Guid.NewGuid():N}.json"));
        string log = Path.ChangeExtension(file, ".log");
        await File.WriteAllBytesAsync(file, JsonSerializer.SerializeToUtf8Bytes(process, OciJson.Default.OciProcess), cancellation);
        try
        {
            for (int attempt = 1; ; attempt++)
            {
                ProgramCall call = context.Crun(_paths, "--log=file:" + log, "exec", "--process", file, zone) with { Interactive = true, TimeLimit = null };
                int exit = (await context.Programs.RunAsync(call, cancellation)).ExitCode;
                string trouble = exit == 0 ? "" : ReadLog(log);
                // Of a zone that was booted a moment ago crun now and then is not let into the namespaces yet, on a loaded machine. Nothing has run.
                if (attempt == Attempts || !trouble.Contains("setns", StringComparison.Ordinal))
                    return ExitCode(exit, trouble);
                File.Delete(log);
                await Task.Delay(_pause, context.Time, cancellation);
            }
        }
        finally
        {
            File.Delete(file);
            File.Delete(log);
        }
    }

    /// <summary>What crun itself had to say, which tells its own failures from the command's exit codes.</summary>
    private static string ReadLog(string log)
    {
        if (!File.Exists(log))
            return "";
        using FileStream file = File.OpenRead(log);
        byte[] text = new byte[Math.Min(file.Length, LogLimitBytes)];
        file.ReadExactly(text);
        return Encoding.UTF8.GetString(text);
    }

    private static int ExitCode(int exit, string trouble) =>
        !trouble.Contains("exec", StringComparison.Ordinal) ? exit
        : trouble.Contains("No such file or directory", StringComparison.Ordinal) ? NotFound : CannotExecute;

    /// <summary>Root's shell as the zone's own passwd(5) names it, or the first one that is there.</summary>
    internal static string LoginShell(string root)
    {
        string passwd = Encoding.UTF8.GetString(RootedPath.Read(root, "/etc/passwd", PasswdLimitBytes) ?? []);
        string? named = passwd.Split('\n').Select(l => l.Split(':')).FirstOrDefault(f => f.Length == 7 && f[0] == "root")?[6].Trim();
        IEnumerable<string> candidates = named is { Length: > 0 } && named[0] == '/' ? _shells.Prepend(named) : _shells;
        return candidates.FirstOrDefault(s => RootedPath.Resolve(root, s) is not null) ?? "/bin/sh";
    }
}
