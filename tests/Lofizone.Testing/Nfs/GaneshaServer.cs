using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Lofizone.Testing.Nfs;

/// <summary>
/// A real nfs-ganesha as a child process, with its own directory, loopback port and export. A kill and a start on the same port look like a
/// NAS that reboots. The disposal ends the process and removes its directory.
/// </summary>
public sealed class GaneshaServer : IAsyncDisposable
{
    private const string DirectoryPrefix = "lofizone-ganesha-";
    private static readonly TimeSpan _pollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _stopDeadline = TimeSpan.FromSeconds(15);
    private static readonly Lock _gate = new();
    private static readonly HashSet<GaneshaServer> _running = [];

    private Process? _process;
    private long _epoch;

    static GaneshaServer()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => KillAll();
        SweepLeftovers();
    }

    private GaneshaServer(GaneshaOptions options, string directory, int port)
    {
        Options = options;
        Directory = directory;
        Port = port;
        ExportDirectory = options.ExportDirectory ?? Path.Combine(directory, "export");
    }

    public GaneshaOptions Options { get; }

    /// <summary>Host part of a share URI.</summary>
    public string Host => Options.Address;

    public int Port { get; }

    /// <summary>The exported directory's path on this machine.</summary>
    public string ExportDirectory { get; }

    /// <summary>The exported directory's path for a client.</summary>
    public string PseudoPath => Options.PseudoPath;

    /// <summary>URI of the export, for <c>ShareUri.Parse</c>.</summary>
    public string Uri => $"nfs://{Host}:{Port}{PseudoPath}";

    /// <summary>URI of the export with an AUTH_SYS identity.</summary>
    public string UriAs(string identity) => $"nfs://{identity}@{Host}:{Port}{PseudoPath}";

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>The server's own directory: configuration, log, recovery database, export.</summary>
    public string Directory { get; }

    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    private string LogFile => Path.Combine(Directory, "ganesha.log");

    private string ConfigurationFile => Path.Combine(Directory, "ganesha.conf");

    private string PidFile => Path.Combine(Directory, "ganesha.pid");

    /// <summary>Starts a server and waits until it answers.</summary>
    public static async Task<GaneshaServer> StartAsync(GaneshaOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new GaneshaOptions();
        string directory = System.IO.Directory.CreateTempSubdirectory(
            $"{DirectoryPrefix}{Environment.ProcessId}-").FullName;
        // CreateTempSubdirectory gives mode 0700, but a squashed client's identity must reach the export below the directory.
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        GaneshaServer server = new(options, directory, FreePort(options.NetworkNamespace is null ? options.Address : IPAddress.Loopback.ToString()));
        try
        {
            await server.PrepareAsync(cancellation);
            await server.StartAgainAsync(cancellation);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the stopped or killed server again, on the same port with the same export and recovery database.</summary>
    public async Task StartAgainAsync(CancellationToken cancellation = default)
    {
        if (IsRunning)
            return;
        Launch();
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Options.StartDeadline);
        IPEndPoint endPoint = new(IPAddress.Parse(Options.Address), Port);
        try
        {
            while (!await NfsNullCall.AnswersAsync(endPoint, deadline.Token))
            {
                if (!IsRunning)
                    throw new InvalidOperationException($"ganesha ended while it started (exit code {_process!.ExitCode}):\n{Tail()}");
                // The server logs that it listens before it answers, and logs nothing when it answers.
                await Task.Delay(_pollInterval, deadline.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"ganesha did not answer on {endPoint} within {Options.StartDeadline}:\n{Tail()}");
        }
    }

    /// <summary>Ends the server in order (SIGTERM), and waits for its end. Kills a server that needs more than 15 s.</summary>
    public async Task StopAsync()
    {
        if (_process is not { HasExited: false } process)
            return;
        await RunAsync("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)], CancellationToken.None);
        using CancellationTokenSource deadline = new(_stopDeadline);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
        }
    }

    /// <summary>Kills the server (SIGKILL), as a power cut does. The page cache stays.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Freezes the server (SIGSTOP): connections stay up and nothing answers.</summary>
    public async Task PauseAsync()
    {
        await SignalAsync("-STOP");
        // The signal reaches each thread in its own time, so a thread may still answer for a while.
        while (_process is { HasExited: false } process && Tasks(process.Id).Any(t => !IsStopped(t)))
            await Task.Delay(TimeSpan.FromMilliseconds(1));
    }

    /// <summary>Lets a frozen server go on (SIGCONT).</summary>
    public Task ResumeAsync() => SignalAsync("-CONT");

    public async Task RestartAsync(CancellationToken cancellation = default)
    {
        await KillAsync();
        await StartAgainAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
            _running.Remove(this);
        await KillAsync();
        _process?.Dispose();
        _process = null;
        if (System.IO.Directory.Exists(Directory))
            System.IO.Directory.Delete(Directory, recursive: true);
    }

    private async Task PrepareAsync(CancellationToken cancellation)
    {
        string recovery = System.IO.Directory.CreateDirectory(Path.Combine(Directory, "recovery")).FullName;
        if (Options.ExportDirectory is null)
        {
            System.IO.Directory.CreateDirectory(ExportDirectory);
            File.SetUnixFileMode(ExportDirectory, Options.ExportMode);
            uint owner = Options.ExportOwner ?? (Options.RootSquash ? Options.AnonymousUid : 0);
            if (owner != 0)
                await RunAsync("chown", [$"{owner}:{owner}", ExportDirectory], cancellation);
        }
        await File.WriteAllTextAsync(ConfigurationFile, GaneshaConfiguration.Render(Options, Port, ExportDirectory, recovery), cancellation);
    }

    private void Launch()
    {
        _process?.Dispose();
        // The server makes client IDs, session IDs and write verifiers from its start time in seconds. After two starts within one second,
        // the second server's clients would have the identities of the first server's clients.
        _epoch = Math.Max(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), _epoch + 1);
        string epoch = _epoch.ToString(CultureInfo.InvariantCulture);
        string[] call = ["ganesha.nfsd", "-F", "-f", ConfigurationFile, "-L", LogFile, "-p", PidFile, "-E", epoch];
        // nsenter(1) becomes the server, so the process is the server's own. ip-netns(8) is unfit: its mount namespace would keep the
        // present mounts of other tests.
        if (Options.NetworkNamespace is { } network)
            call = ["nsenter", $"--net=/run/netns/{network}", .. call];
        ProcessStartInfo start = new(call[0], call[1..])
        {
            WorkingDirectory = Directory,
        };
        try
        {
            _process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new InvalidOperationException("ganesha.nfsd can't be started: install nfs-ganesha and nfs-ganesha-vfs", error);
        }
        lock (_gate)
            _running.Add(this);
    }

    private static string[] Tasks(int process) => System.IO.Directory.GetDirectories($"/proc/{process}/task");

    /// <summary>True for a stopped thread. The state is the first field behind the name in parentheses (proc_pid_stat(5)).</summary>
    private static bool IsStopped(string task)
    {
        try
        {
            string status = File.ReadAllText(Path.Combine(task, "stat"));
            return status[(status.LastIndexOf(')') + 2)..].StartsWith('T');
        }
        catch (IOException)
        {
            // The thread has ended.
            return true;
        }
    }

    private async Task SignalAsync(string signal)
    {
        if (_process is { HasExited: false } process)
            await RunAsync("kill", [signal, process.Id.ToString(CultureInfo.InvariantCulture)], CancellationToken.None);
    }

    private string Tail() => string.Join('\n', Log.Split('\n').TakeLast(30));

    private static async Task RunAsync(string program, string[] arguments, CancellationToken cancellation)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments))!;
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}");
    }

    /// <summary>A port below the ephemeral range, so that no outgoing connection takes it while the server is down.</summary>
    private static int FreePort(string address)
    {
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            int port = Random.Shared.Next(20000, 32000);
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
                return port;
            }
            catch (SocketException)
            {
                // The port is taken, so another port is tried.
            }
        }
        throw new InvalidOperationException("no free port between 20000 and 32000");
    }

    private static void KillAll()
    {
        lock (_gate)
        {
            foreach (GaneshaServer server in _running)
            {
                if (server.IsRunning)
                    server._process!.Kill();
            }
        }
    }

    /// <summary>
    /// Ends the servers of killed test processes, which could not clean up. The servers' directories name the dead process.
    /// </summary>
    private static void SweepLeftovers()
    {
        foreach (string directory in System.IO.Directory.GetDirectories(Path.GetTempPath(), DirectoryPrefix + "*"))
        {
            string owner = Path.GetFileName(directory)[DirectoryPrefix.Length..].Split('-')[0];
            if (!int.TryParse(owner, CultureInfo.InvariantCulture, out int pid) || System.IO.Directory.Exists($"/proc/{pid}"))
                continue;
            string pidFile = Path.Combine(directory, "ganesha.pid");
            if (File.Exists(pidFile) && int.TryParse(File.ReadAllText(pidFile).Trim(), CultureInfo.InvariantCulture, out int leftover)
                && File.Exists($"/proc/{leftover}/cmdline") && File.ReadAllText($"/proc/{leftover}/cmdline").Contains(directory, StringComparison.Ordinal))
            {
                using Process process = Process.GetProcessById(leftover);
                process.Kill();
                process.WaitForExit();
            }
            try
            {
                System.IO.Directory.Delete(directory, recursive: true);
            }
            catch (IOException)
            {
                // Another test process sweeps the same leftover.
            }
        }
    }
}
