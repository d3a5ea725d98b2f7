using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lofizone.Programs;

namespace Lofizone.Testing.Hosts;

/// <summary>
/// A real sshd as an ordinary process on a loopback port, with keys and configuration of its own. A login leads to a throw-away host. An
/// ssh program comes with the server, whose configuration knows the server by a name.
/// </summary>
public sealed class SshServer : IAsyncDisposable
{
    private const string SshdProgram = "/usr/sbin/sshd";
    private const string PrivilegeSeparation = "/run/sshd";
    private const string LoginPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;

    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan _poll = TimeSpan.FromMilliseconds(20);
    private static int _number;

    private readonly Process _sshd;
    private readonly string _directory;

    private SshServer(Process sshd, string directory)
    {
        _sshd = sshd;
        _directory = directory;
    }

    /// <summary>Name of the server for ssh.</summary>
    public const string Name = "there";

    /// <summary>Name of a host that does not answer.</summary>
    public const string Unreachable = "nobody";

    /// <summary>The program that tests run instead of ssh.</summary>
    public string Ssh => Path.Combine(_directory, "ssh");

    /// <summary>
    /// First directory in the PATH of a login, and in Lofizone's list of program directories there. Holds the zone binary and the test's
    /// own programs.
    /// </summary>
    public string Bin => Path.Combine(_directory, "bin");

    /// <summary>File with the process number of the latest ssh.</summary>
    private string PidFile => Path.Combine(_directory, "ssh.pid");

    /// <summary>Starts a server whose sessions are on <paramref name="host"/>, and waits until the server answers.</summary>
    public static async Task<SshServer> StartAsync(TestHost host, string name = Name)
    {
        // scripts/clean-leftovers expects this name.
        string directory = $"/tmp/lofizone-host-{Environment.ProcessId}-ssh{Interlocked.Increment(ref _number)}";
        Directory.CreateDirectory(Path.Combine(directory, "bin"));
        Directory.CreateDirectory(PrivilegeSeparation, Executable);
        string at = Path.Combine(directory, "host_key"), key = Path.Combine(directory, "key"), sshd = Path.Combine(directory, "sshd_config"), client = Path.Combine(directory, "ssh_config");
        await TestProgram.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", at);
        await TestProgram.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
        File.Copy(key + ".pub", Path.Combine(directory, "authorized_keys"));
        if (host.IsMachine)
            await host.MakeProgramAsync(Path.Combine(directory, "bin"));
        else
            File.CreateSymbolicLink(Path.Combine(directory, "bin/zone"), TestHost.ZoneBinary);
        int port = FreePort();
        await File.WriteAllTextAsync(sshd, string.Create(CultureInfo.InvariantCulture, $"""
            ListenAddress 127.0.0.1
            Port {port}
            HostKey {at}
            PidFile none
            UsePAM no
            StrictModes no
            PermitRootLogin prohibit-password
            PasswordAuthentication no
            AuthorizedKeysFile {directory}/authorized_keys
            SetEnv LOFIZONE_ROOT={host.Root} {ProgramDirectories.Variable}={directory}/bin PATH={directory}/bin:{LoginPath}

            """));
        string known = $"{name} {await File.ReadAllTextAsync(at + ".pub")}";
        await File.WriteAllTextAsync(Path.Combine(directory, "known_hosts"), known);
        await File.WriteAllTextAsync(client, string.Create(CultureInfo.InvariantCulture, $"""
            Host {name}
                HostName 127.0.0.1
                HostKeyAlias {name}
                Port {port}
                User root
                IdentityFile {key}
                IdentitiesOnly yes
                UserKnownHostsFile {directory}/known_hosts
                GlobalKnownHostsFile none
            Host {Unreachable}
                HostName 127.0.0.1
                Port 1

            """));
        string wrapper = Path.Combine(directory, "ssh");
        await File.WriteAllTextAsync(wrapper, $"#!/bin/sh\necho $$ > {directory}/ssh.pid\nexec ssh -F {client} \"$@\"\n");
        File.SetUnixFileMode(wrapper, Executable);
        Process process = Process.Start(new ProcessStartInfo(SshdProgram, ["-D", "-E", Path.Combine(directory, "sshd.log"), "-f", sshd]))!;
        SshServer server = new(process, directory);
        try
        {
            await server.WaitAsync(port);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes one ssh program for several servers, each known by its own name.</summary>
    public static async Task<string> CombineAsync(params SshServer[] servers)
    {
        string client = Path.Combine(servers[0]._directory, "all_config"), wrapper = Path.Combine(servers[0]._directory, "ssh-all");
        IEnumerable<Task<string>> configurations = servers.Select(s => File.ReadAllTextAsync(Path.Combine(s._directory, "ssh_config")));
        await File.WriteAllTextAsync(client, string.Concat(await Task.WhenAll(configurations)));
        await File.WriteAllTextAsync(wrapper, $"#!/bin/sh\nexec ssh -F {client} \"$@\"\n");
        File.SetUnixFileMode(wrapper, Executable);
        return wrapper;
    }

    /// <summary>Puts a shell script before the program of that name, for logins.</summary>
    public async Task ShadowAsync(string program, string script)
    {
        string file = Path.Combine(Bin, program);
        await File.WriteAllTextAsync(file, "#!/bin/sh\n" + script);
        File.SetUnixFileMode(file, Executable);
    }

    public void Unshadow(string program) => File.Delete(Path.Combine(Bin, program));

    /// <summary>Kills the latest ssh, as a broken connection does.</summary>
    public async Task BreakAsync() => await TestProgram.RunAsync("kill", "-KILL", (await File.ReadAllTextAsync(PidFile)).Trim());

    public async ValueTask DisposeAsync()
    {
        if (!_sshd.HasExited)
            _sshd.Kill(entireProcessTree: true);
        await _sshd.WaitForExitAsync();
        _sshd.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task WaitAsync(int port)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using TcpClient probe = new();
                await probe.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (!_sshd.HasExited && watch.Elapsed < _startLimit)
            {
                // sshd gives no event when it begins to listen.
                await Task.Delay(_poll);
            }
            catch (SocketException)
            {
                string log = Path.Combine(_directory, "sshd.log");
                throw new InvalidOperationException($"sshd does not answer:\n{(File.Exists(log) ? await File.ReadAllTextAsync(log) : "it has logged nothing")}");
            }
        }
    }

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
