using System.Globalization;
using System.Text;
using System.Text.Json;
using Lofizone.Config;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Runtime.Oci;

namespace Lofizone.Runtime;

/// <summary>Runs a command in a running zone. Its streams are relayed, so that no descriptor of the host is open in the zone.</summary>
internal sealed class ZoneLogin(RuntimeContext context, string zone, LoginStreams streams)
{
    private const int PasswdLimitBytes = 1 << 20;
    private const int LogLimitBytes = 1 << 16;

    // Exit codes of a shell (POSIX sh, "Exit Status for Commands").
    private const int CannotExecute = 126;
    private const int NotFound = 127;

    private const int Attempts = 10;
    private static readonly TimeSpan _forLong = TimeSpan.FromHours(1);
    private static readonly TimeSpan _endLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);
    private static readonly string[] _shells = ["/bin/bash", "/bin/sh", "/bin/busybox"];

    private readonly RuntimePaths _paths = context.Paths(zone);

    public async Task<int> RunAsync(IReadOnlyList<string> command, bool terminal, CancellationToken cancellation)
    {
        if (RuntimeProcesses.Read(_paths).Phase != RuntimePhase.Running)
            throw new LofizoneException($"zone {zone}: not running", $"boot it: zone boot {zone}");
        string home = RootedPath.Resolve(_paths.Root, "/root") is null ? "/" : "/root";
        string shell = LoginShell(_paths.Root);
        ResourceControls controls = context.Launch(zone).Controls;
        OciProcess process = ZoneSpec.Login(
            command.Count > 0 ? command : [shell, "-l"],
            terminal,
            home,
            shell,
            terminal ? Environment.GetEnvironmentVariable("TERM") : null,
            Environment.GetEnvironmentVariable("LANG"),
            RuntimeContext.LimitsOf(controls),
            controls) with
        {
            ConsoleSize = terminal && Terminal.Size(streams.Output) is { } size ? new OciConsoleSize(size.Rows, size.Columns) : null,
        };
        string file = Path.Combine(
            _paths.Bundle, $"login-{Environment.ProcessId}-{Guid.NewGuid():N}.json");
        string log = Path.ChangeExtension(file, ".log");
        await File.WriteAllBytesAsync(file, JsonSerializer.SerializeToUtf8Bytes(process, OciJson.Default.OciProcess), cancellation);
        try
        {
            // The command's ends also stay open in this process. Another attempt gets them again, with the data that was written to them
            // already.
            uint owner = context.Launch(zone).UidBase;
            using Pipe input = Pipe.OpenFor(owner);
            using Pipe output = Pipe.OpenFor(owner);
            using Pipe error = Pipe.OpenFor(owner);
            using LoginRelay relay = new();
            using LoginTerminal? own = terminal
                ? new LoginTerminal(_paths.Bundle, Path.GetFileNameWithoutExtension(file) + ".tty", streams)
                : null;
            if (!terminal)
                relay.Input(streams.Input, input.Write);
            relay.Output(output.Read, streams.Output);
            relay.Output(error.Read, streams.Error);
            for (int attempt = 1; ; attempt++)
            {
                string[] socket = own is null ? [] : ["--console-socket", own.SocketPath];
                ProgramCall call = context.Crun(_paths, ["--log=file:" + log, "exec", .. socket, "--process", file, zone]);
                int exit = await RunAsync(call, [input.Read.Number, output.Write.Number, error.Write.Number], own, relay, cancellation);
                string trouble = exit == 0 ? "" : ReadLog(log);
                // On a loaded machine crun sometimes can't enter the namespaces of a zone that was booted a moment ago. No command has run
                // then.
                if (attempt == Attempts || !trouble.Contains("setns", StringComparison.Ordinal))
                {
                    await relay.EndAsync(cancellation);
                    return ExitCode(exit, trouble);
                }

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

    private static async Task<int> RunAsync(
        ProgramCall call, int[] descriptors, LoginTerminal? terminal, LoginRelay relay, CancellationToken cancellation)
    {
        int crun = Start(call, descriptors);
        using ProcessHandle handle = ProcessHandle.Open(crun)!;
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task connected = terminal?.ConnectAsync(relay, ended.Token) ?? Task.CompletedTask;
        try
        {
            while (!await handle.WaitAsync(_forLong, cancellation))
            {
                // Logins last without a limit.
            }
        }
        catch (OperationCanceledException)
        {
            await StopAsync(handle);
            throw;
        }
        finally
        {
            await ended.CancelAsync();
            await connected;
        }

        return Spawn.ReapCode(crun) ?? CannotExecute;
    }

    private static int Start(ProgramCall call, int[] descriptors)
    {
        using OomPreference preference = OomPreference.ForChildren();
        return Spawn.StartOn(call.Program, call.Arguments, descriptors);
    }

    /// <summary>Has crun pass SIGTERM on to the command. Kills both when the command does not end.</summary>
    private static async Task StopAsync(ProcessHandle crun)
    {
        crun.Signal((int)Signal.Terminate);
        if (!await crun.WaitAsync(_endLimit, CancellationToken.None))
        {
            string children = $"/proc/{crun.Id}/task/{crun.Id}/children";
            foreach (string child in File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                using ProcessHandle? command = ProcessHandle.Open(int.Parse(child, CultureInfo.InvariantCulture));
                command?.Signal((int)Signal.Kill);
            }

            // crun notices that end and ends, too. Without crun's end the zone would keep a zombie for a while.
            if (!await crun.WaitAsync(_endLimit, CancellationToken.None))
                crun.Signal((int)Signal.Kill);
            await crun.WaitAsync(_endLimit, CancellationToken.None);
        }

        _ = Spawn.ReapCode(crun.Id);
    }

    /// <summary>crun's own messages, which tell crun's failures from the command's exit codes.</summary>
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

    /// <summary>Root's shell according to the zone's own passwd(5); otherwise the first shell that exists.</summary>
    internal static string LoginShell(string root)
    {
        string passwd = Encoding.UTF8.GetString(RootedPath.Read(root, "/etc/passwd", PasswdLimitBytes) ?? []);
        string? named = passwd.Split('\n').Select(l => l.Split(':')).FirstOrDefault(f => f.Length == 7 && f[0] == "root")?[6].Trim();
        IEnumerable<string> candidates = named is { Length: > 0 } && named[0] == '/' ? _shells.Prepend(named) : _shells;
        return candidates.FirstOrDefault(s => RootedPath.Resolve(root, s) is not null) ?? "/bin/sh";
    }
}
