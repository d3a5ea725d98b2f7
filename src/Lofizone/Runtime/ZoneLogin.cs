using System.Globalization;
using System.Text;
using System.Text.Json;
using Lofizone.Interop;
using Lofizone.Programs;
using Lofizone.Runtime.Oci;

namespace Lofizone.Runtime;

/// <summary>Runs a command in a running zone. Its streams are relayed, so that no descriptor of the host is open in the zone.</summary>
internal sealed class ZoneLogin(RuntimeContext context, string zone, LoginStreams streams)
{
    private const int LogLimitBytes = 1 << 16;

    // Exit codes of a shell (POSIX sh, "Exit Status for Commands").
    private const int CannotExecute = 126;
    private const int NotFound = 127;

    private const int Attempts = 10;
    private static readonly TimeSpan _forLong = TimeSpan.FromHours(1);
    private static readonly TimeSpan _endLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    private readonly RuntimePaths _paths = context.Paths(zone);

    public async Task<int> RunAsync(LoginRequest request, CancellationToken cancellation)
    {
        if (RuntimeProcesses.Read(_paths).Phase != RuntimePhase.Running)
            throw new LofizoneException($"zone {zone}: not running", $"boot it: zone boot {zone}");
        ZoneLaunch launch = context.Launch(zone);
        ZoneUser user = request.Mode == LoginMode.Safe
            ? ZoneUser.Safe(_paths.Root)
            : ZoneUser.Find(zone, _paths.Root, request.User ?? ZoneUser.Root, launch.IdCount);
        OciProcess process = ZoneSpec.Login(
            LoginWords.Of(request, user),
            request.Terminal,
            new OciUser(user.Uid, user.Gid, user.Groups),
            user.Home,
            [$"HOME={user.Home}", $"SHELL={user.Shell}", $"USER={user.Name}", $"LOGNAME={user.Name}"],
            request.Terminal ? Environment.GetEnvironmentVariable("TERM") : null,
            Environment.GetEnvironmentVariable("LANG"),
            RuntimeContext.LimitsOf(launch.Controls),
            launch.Controls) with
        {
            ConsoleSize = request.Terminal && Terminal.Size(streams.Output) is { } size
                ? new OciConsoleSize(size.Rows, size.Columns)
                : null,
        };
        string file = Path.Combine(
            _paths.Bundle, $"login-{Environment.ProcessId}-{Guid.NewGuid():N}.json");
        string log = Path.ChangeExtension(file, ".log");
        await File.WriteAllBytesAsync(file, JsonSerializer.SerializeToUtf8Bytes(process, OciJson.Default.OciProcess), cancellation);
        try
        {
            // The command's ends also stay open in this process. Another attempt gets them again, with the data that was written to them
            // already.
            // The command opens its streams anew by /dev/stdout and the like, so they belong to its user.
            uint owner = launch.UidBase + user.Uid;
            using Pipe input = Pipe.OpenFor(owner);
            using Pipe output = Pipe.OpenFor(owner);
            using Pipe error = Pipe.OpenFor(owner);
            using LoginSignals signals = new();
            using LoginRelay relay = new();
            using LoginTerminal? own = request.Terminal
                ? new LoginTerminal(zone, _paths.Bundle, Path.GetFileNameWithoutExtension(file) + ".tty", request, streams)
                : null;
            if (!request.Terminal)
                relay.Input(streams.Input, input.Write);
            relay.Output(output.Read, streams.Output);
            relay.Output(error.Read, streams.Error);
            for (int attempt = 1; ; attempt++)
            {
                string[] socket = own is null ? [] : ["--console-socket", own.SocketPath];
                ProgramCall call = context.Crun(_paths, ["--log=file:" + log, "exec", .. socket, "--process", file, zone]);
                int? ended = await RunAsync(
                    call, [input.Read.Number, output.Write.Number, error.Write.Number], own, relay, signals, cancellation);
                if (ended is not { } exit)
                    return 0;
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

    /// <summary>The exit code; null when the user has left by the escape.</summary>
    private static async Task<int?> RunAsync(
        ProgramCall call, int[] descriptors, LoginTerminal? terminal, LoginRelay relay, LoginSignals signals,
        CancellationToken cancellation)
    {
        int crun = Start(call, descriptors);
        using ProcessHandle handle = ProcessHandle.Open(crun)!;
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task connected = terminal?.ConnectAsync(relay, ended.Token) ?? Task.CompletedTask;
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, relay.Left);
        try
        {
            while (!await handle.WaitAsync(_forLong, stop.Token))
            {
                // Logins last without a limit.
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            await StopAsync(handle, Signal.HangUp);
            return null;
        }
        catch (OperationCanceledException)
        {
            await StopAsync(handle, signals.First);
            using CancellationTokenSource limit = new(_endLimit);
            await relay.EndAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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

    /// <summary>Has crun pass a signal on to the command. Kills both when the command does not end.</summary>
    private static async Task StopAsync(ProcessHandle crun, Signal signal)
    {
        crun.Signal((int)signal);
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
}
