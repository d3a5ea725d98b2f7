using System.Diagnostics;
using System.Globalization;
using Lofizone.Testing.Hosts;

namespace Lofizone.Vm.Tests.Machines;

/// <summary>One SSH connection to a machine for all commands. A handshake without KVM takes a second.</summary>
internal sealed class SshMaster : IAsyncDisposable
{
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(50);

    private readonly string[] _options;
    private readonly string _socket;
    private Process? _master;

    private SshMaster(string directory, string name, int port)
    {
        _socket = Path.Combine(directory, name + ".ssh");
        _options =
        [
            "-F", "none", "-q", "-i", Path.Combine(directory, "id"), "-p", port.ToString(CultureInfo.InvariantCulture),
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "HostKeyAlgorithms=ssh-ed25519", "-o", "BatchMode=yes", "-o", "ConnectTimeout=30",
        ];
    }

    public static async Task<SshMaster> StartAsync(string directory, string name, int port, TimeSpan limit)
    {
        SshMaster master = new(directory, name, port);
        File.Delete(master._socket);
        Stopwatch watch = Stopwatch.StartNew();
        while (!File.Exists(master._socket))
        {
            if (watch.Elapsed > limit)
            {
                await master.DisposeAsync();
                throw new TimeoutException($"{name}: no SSH within {limit.TotalSeconds:0} s");
            }
            if (master._master is null or { HasExited: true })
            {
                master._master?.Dispose();
                master._master = Process.Start(new ProcessStartInfo("ssh", [.. master._options, "-S", master._socket, "-M", "-N", "root@127.0.0.1"]) { RedirectStandardInput = true })!;
            }
            // ssh does not tell when its master connection is up.
            await Task.Delay(_poll);
        }
        return master;
    }

    public Task<CommandResult> RunAsync(string script, TimeSpan limit) =>
        RunAsync([.. _options, "-S", _socket, "root@127.0.0.1"], script, limit);

    /// <summary>Runs a script over another connection with a terminal, which is a session of its own on the machine.</summary>
    public Task<CommandResult> LogInAsync(string user, string script, TimeSpan limit) =>
        RunAsync([.. _options, "-S", "none", "-tt", $"{user}@127.0.0.1"], script, limit);

    private static async Task<CommandResult> RunAsync(string[] options, string script, TimeSpan limit)
    {
        ProcessStartInfo start = new("ssh", [.. options, "PATH=/opt:/usr/sbin:/usr/bin:/sbin:/bin\n" + script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Stopwatch watch = Stopwatch.StartNew();
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        using CancellationTokenSource end = new(limit);
        try
        {
            await process.WaitForExitAsync(end.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"no end within {limit.TotalSeconds:0} s: {script}\n{await output}{await error}");
        }
        return new CommandResult(script, process.ExitCode, await output, await error, watch.Elapsed);
    }

    public async ValueTask DisposeAsync()
    {
        if (_master is not { } master)
            return;
        _master = null;
        if (!master.HasExited)
            master.Kill();
        await master.WaitForExitAsync();
        master.Dispose();
    }
}
