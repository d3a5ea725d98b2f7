using System.Diagnostics;
using System.Text;
using Lofizone.Devices;
using Lofizone.Engine;
using Lofizone.Hosts;
using Lofizone.Interop;
using Lofizone.Logs;
using Lofizone.Programs;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Testing.Hosts;

/// <summary>
/// A host of its own on this machine: a root directory that moves all host-side paths, and the real zone binary run in it as a
/// user would. Disposing takes everything away that the host has in the kernel and on disk, whatever state a test left it in.
/// </summary>
public sealed class TestHost : IAsyncDisposable
{
    /// <summary>What a child of a command may take to let go of the command's output.</summary>
    private static readonly TimeSpan _outputLimit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan _quietLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(20);
    private static int _number;

    /// <summary>What enters the host's namespaces before a command is run.</summary>
    private string[] _enter;

    /// <summary>A host on this machine's network.</summary>
    public TestHost()
        : this(null)
    {
    }

    /// <summary>A host in a network namespace (ip-netns(8)) of its own: every command, and all that outlives it, runs there.</summary>
    public TestHost(string? networkNamespace)
    {
        // Not ip-netns(8) itself: that gives what it runs mounts of its own.
        _enter = networkNamespace is null ? [] : ["nsenter", $"--net=/run/netns/{networkNamespace}"];
        // Named as scripts/clean-leftovers expects it: what a killed test run leaves is found by the run's process number.
        Root = $"/tmp/lofizone-test-{Environment.ProcessId}-{Interlocked.Increment(ref _number)}";
        Directory.CreateDirectory(Root);
        // A zone's init is a plain user on the host and must pass here.
        File.SetUnixFileMode(Root, (UnixFileMode)0b111_001_001);
        Paths = new HostPaths(Root);
        ProgramRunner programs = new();
        Devices = new LofiDevices(Paths, programs, new EngineLauncher(ZoneBinary, Paths, programs, TimeProvider.System), TimeProvider.System, Share.OpenAsync);
    }

    /// <summary>
    /// A host that takes itself for this machine: its commands run without a root of their own, in a namespace (scripts/machine-host) in which the
    /// machine's places are the directories below <see cref="Root"/>.
    /// </summary>
    public static async Task<TestHost> OfMachineAsync()
    {
        TestHost host = new();
        string script = Path.Combine(HostCleanup.RepositoryRoot(), "scripts/machine-host");
        ProcessStartInfo start = new("unshare", ["--mount", "--propagation", "private", script, host.Root]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process holder = Process.Start(start)!;
        using CancellationTokenSource limit = new(_quietLimit);
        string? process = await holder.StandardOutput.ReadLineAsync(limit.Token);
        if (process is null)
        {
            string said = await holder.StandardError.ReadToEndAsync(limit.Token);
            await host.DisposeAsync();
            throw new InvalidOperationException($"{script}: {said}");
        }

        host._enter = ["nsenter", "--target", process, "--mount", "--cgroup", "--"];
        host.IsMachine = true;
        return host;
    }

    /// <summary>
    /// Another host beside the one that a class of tests has: a host below a directory, or with <c>LOFIZONE_TEST_HOSTS=machine</c> in the environment one
    /// of <see cref="OfMachineAsync"/>, so that all tests of attach, move, takeover and the Pacemaker agent can be run once more on such hosts.
    /// </summary>
    public static async Task<TestHost> SecondAsync() => Environment.GetEnvironmentVariable("LOFIZONE_TEST_HOSTS") == "machine" ? await OfMachineAsync() : new TestHost();

    /// <summary>The zonepath that the host chooses for a zone, as its commands name it.</summary>
    public string ZonePath(string zone) => IsMachine ? new HostPaths("/").ZonePath(zone) : Paths.ZonePath(zone);

    /// <summary>Makes a program that is <c>zone</c> on this host, for those who run it without this class.</summary>
    public async Task<string> MakeProgramAsync(string directory)
    {
        string file = Path.Combine(directory, "zone"), environment = IsMachine ? "-u " + HostPaths.RootVariable : $"{HostPaths.RootVariable}={Root}";
        await File.WriteAllTextAsync(file, $"#!/bin/sh\nexec env {environment} {string.Join(' ', _enter)} {ZoneBinary} \"$@\"\n");
        File.SetUnixFileMode(file, (UnixFileMode)0b111_101_101);
        return file;
    }

    /// <summary>What is mounted on the host.</summary>
    public async Task<MountTable> MountsAsync() => MountTable.Parse(_enter.Length == 0
        ? await File.ReadAllTextAsync("/proc/self/mountinfo")
        : await TestProgram.RunAsync(_enter[0], [.. _enter[1..], "cat", "/proc/self/mountinfo"]));

    /// <summary>The longest that a command may take before a test counts it as hung.</summary>
    public static TimeSpan CommandLimit { get; } = TimeSpan.FromMinutes(2);

    /// <summary>The binary under test: the one named by ZONE_BINARY, else the one built with the tests.</summary>
    public static string ZoneBinary =>
        Environment.GetEnvironmentVariable("ZONE_BINARY") is { Length: > 0 } binary ? binary : Path.Combine(AppContext.BaseDirectory, "zone");

    public string Root { get; }

    /// <summary>True for <see cref="OfMachineAsync"/>'s.</summary>
    public bool IsMachine { get; private set; }

    public HostPaths Paths { get; }

    /// <summary>The host's devices, looked at from outside; what starts processes is left to commands.</summary>
    public LofiDevices Devices { get; }

    /// <summary>Runs the binary: <c>zone ARGUMENTS</c>, where the first may be another of its names ("zoneadm").</summary>
    public Task<CommandResult> RunAsync(params string[] arguments) => RunAsync(arguments, killAt: null);

    /// <summary>Runs the binary with text on its standard input, behind another program and its arguments (setpriv, unshare) if one is given.</summary>
    public Task<CommandResult> RunAsync(string? input, string[] wrapper, params string[] arguments) => RunAsync(arguments, killAt: null, input, wrapper);

    /// <summary>Runs a command that must succeed; returns its output.</summary>
    public async Task<string> RunCheckedAsync(params string[] arguments)
    {
        CommandResult result = await RunAsync(arguments);
        return result.Succeeded ? result.Output : throw new InvalidOperationException(result.ToString());
    }

    /// <summary>Runs a command that ends itself by SIGKILL when it reaches a fault point: <c>OPERATION/STEP/before</c> or <c>/after</c>.</summary>
    public Task<CommandResult> RunKilledAsync(string killAt, params string[] arguments) => RunAsync(arguments, killAt);

    /// <summary>Runs a command that stops at a fault point until <paramref name="meanwhile"/> is done.</summary>
    public Task<CommandResult> RunHeldAsync(string holdAt, Func<Task> meanwhile, params string[] arguments) => RunAsync(arguments, killAt: null, holdAt: holdAt, meanwhile: meanwhile);

    /// <summary>The zones of this host: state by name, as <c>zoneadm list -c -p</c> tells.</summary>
    public async Task<IReadOnlyDictionary<string, string>> StatesAsync()
    {
        string output = await RunCheckedAsync("zoneadm", "list", "-c", "-p");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(':'))
            .Where(fields => fields[1] != "global")
            .ToDictionary(fields => fields[1], fields => fields[2], StringComparer.Ordinal);
    }

    /// <summary>State of a zone, or null when it isn't configured.</summary>
    public async Task<string?> StateAsync(string zone) => (await StatesAsync()).GetValueOrDefault(zone);

    /// <summary>What the host's log says became of its zones.</summary>
    public Task<string> ZonesLogAsync() => File.ReadAllTextAsync(Path.Combine(Paths.Log, HostLog.ZonesFile));

    /// <summary>Waits until a zone is in a state; for what happens without a command, such as a zone that halts itself.</summary>
    /// <exception cref="TimeoutException">It did not get there.</exception>
    public Task WaitForStateAsync(string zone, string state) =>
        WaitAsync(async () => await StateAsync(zone) == state && !HostLock.IsHeld(Paths, zone, out _), $"{zone} did not become {state}");

    /// <summary>Waits until no command works on the zone any more, the one among them that conmon starts when a zone has ended.</summary>
    public Task WaitUntilSettledAsync(string zone) =>
        WaitAsync(
            () => Task.FromResult(!HostLock.IsHeld(Paths, zone, out _) && !HostTraces.Processes(Root).Any(p => p.CommandLine.Contains(ExitNotice.SettleVerb, StringComparison.Ordinal)
                || p.CommandLine.Contains($" {ExitNotice.FencedVerb} ", StringComparison.Ordinal)
                || p.CommandLine.Contains($" {ExitNotice.Verb} ", StringComparison.Ordinal) && !p.CommandLine.Contains("conmon", StringComparison.Ordinal))),
            $"a command still works on {zone}");

    /// <summary>
    /// The host loses its power and comes back: its processes, mounts, devices and all that lies below /run and /dev are gone, its disk is
    /// as it was.
    /// </summary>
    public Task RebootAsync() => HostCleanup.RebootAsync(Root);

    public async ValueTask DisposeAsync()
    {
        if (IsMachine)
            await TakeDownAsync();
        await HostCleanup.RunAsync(Root);
        GC.SuppressFinalize(this);
    }

    /// <summary>From outside the namespace a device of it can't be told from one of the machine's own: the host takes down itself what a failed test left.</summary>
    private async Task TakeDownAsync()
    {
        string zones = Path.Combine(Paths.Run, "zones");
        foreach (string zone in Directory.Exists(zones) ? Directory.GetDirectories(zones) : [])
            await RunAsync("halt", "--force", Path.GetFileName(zone));
        foreach (string device in (await RunAsync("lofiadm", "-p")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            await RunAsync("lofiadm", "-f", "-d", device.Split(':')[0]);
    }

    /// <summary>Polls until something holds, for a minute if nothing else is said: on a busy machine a JIT-compiled zone takes its time.</summary>
    public async Task WaitAsync(Func<Task<bool>> holds, string otherwise, TimeSpan? within = null)
    {
        try
        {
            await Wait.UntilAsync(holds, otherwise, CancellationToken.None, within);
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"{error.Message}\n{string.Join('\n', HostTraces.Find(Paths))}", error);
        }
    }

    private async Task<CommandResult> RunAsync(IReadOnlyList<string> arguments, string? killAt, string? input = null, string[]? wrapper = null, string? holdAt = null, Func<Task>? meanwhile = null)
    {
        string[] words = [.. _enter, .. wrapper ?? [], ZoneBinary, .. arguments];
        ProcessStartInfo start = new(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[HostPaths.RootVariable] = IsMachine ? null : Root;
        start.Environment[FaultPoint.Variable] = killAt;
        start.Environment[FaultPoint.HoldVariable] = holdAt;
        string command = $"{(killAt is null ? "" : $"{FaultPoint.Variable}={killAt} ")}zone {string.Join(' ', arguments)}";
        Stopwatch watch = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        StringBuilder output = new();
        StringBuilder error = new();
        Task streams = Task.WhenAll(PumpAsync(process.StandardOutput, output), PumpAsync(process.StandardError, error));
        await FeedAsync(process, input);
        if (meanwhile is not null)
            await HeldProcess.ContinueAsync(() => process.Id, meanwhile);
        using CancellationTokenSource limit = new(CommandLimit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"{command}: no end within {CommandLimit.TotalSeconds:0} s\n{Text(output)}{Text(error)}");
        }

        TimeSpan took = watch.Elapsed;
        CommandResult result = new(command, process.ExitCode, "", "", took);
        // A killed command's helpers may hold its output until they end; a command that ended must leave it to nobody, or pipes behind it hang.
        if (await Task.WhenAny(streams, Task.Delay(result.WasKilled ? _poll : _outputLimit)) != streams && !result.WasKilled)
            throw new InvalidOperationException($"{command}: ended, but a child still holds its output\n{Text(output)}{Text(error)}");
        return result with { Output = Text(output), Error = Text(error) };
    }

    private static async Task FeedAsync(Process process, string? input)
    {
        try
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The command ended without reading it all; its exit code tells whether that was a failure.
        }
    }

    private static async Task PumpAsync(StreamReader reader, StringBuilder text)
    {
        char[] buffer = new char[4096];
        try
        {
            int count;
            while ((count = await reader.ReadAsync(buffer)) > 0)
            {
                lock (text)
                    text.Append(buffer, 0, count);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The process was disposed while a child of it still held the pipe.
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }
}
