using System.Text;
using System.Text.Json;
using Lofizone.Operations;
using Lofizone.Programs;

namespace Lofizone.Moving;

/// <summary>
/// One ssh connection to this program on another host, open from before a zone is halted until it runs there, so that no handshake falls
/// into the time it is down. When the connection ends, the other host undoes what it has begun and takes back what it has given.
/// </summary>
public sealed class SshSession : IAsyncDisposable
{
    /// <summary>The verb that answers at the other end.</summary>
    public const string Verb = "move-peer";

    /// <summary>Lines before the first message: what a login shell's files print.</summary>
    private const int NoiseLimit = 200;

    /// <summary>Exit code of ssh for its own failures (ssh(1), EXIT STATUS), and of a shell for a command that it does not find.</summary>
    private const int SshFailed = 255, NotFound = 127, NotExecutable = 126;

    private static readonly TimeSpan _endLimit = TimeSpan.FromSeconds(Reverter.TimeLimitSeconds);
    private static readonly TimeSpan _helloLimit = TimeSpan.FromSeconds(60);

    private readonly SshDestination _destination;
    private readonly PipedProgram _ssh;
    private readonly LineChannel _channel;
    private readonly IReporter _reporter;

    private SshSession(SshDestination destination, PipedProgram ssh, IReporter reporter)
    {
        _destination = destination;
        _ssh = ssh;
        _reporter = reporter;
        _channel = new LineChannel(ssh.Output, ssh.Input);
    }

    /// <summary>The host as the user named it.</summary>
    public string Host => _destination.Shown;

    /// <summary>How it is reached.</summary>
    public SshDestination Destination => _destination;

    /// <summary>Who answers there.</summary>
    public MoveHello Hello { get; private set; } = null!;

    /// <summary>False once the connection has ended.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Connects.</summary>
    /// <param name="programs">Starts ssh.</param>
    /// <param name="destination">The host.</param>
    /// <param name="terminal">There is somebody whom ssh may ask for a password.</param>
    /// <param name="reporter">Told what the other host says while it works.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="LofizoneException">The host can't be reached, or has no program of this version.</exception>
    public static async Task<SshSession> OpenAsync(
        IProgramRunner programs, SshDestination destination, bool terminal, IReporter reporter, CancellationToken cancellation)
    {
        SshSession session = new(
            destination, PipedProgram.Start(programs, destination.Ssh, destination.Arguments(terminal, Verb)), reporter);
        try
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            if (!terminal)
                limit.CancelAfter(_helloLimit);
            await session.GreetAsync(limit.Token);
            return session;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            await session.DisposeAsync();
            throw new LofizoneException($"{session.Host}: no answer within {_helloLimit.TotalSeconds:0} s", session.Try());
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks for one thing and waits for its end.</summary>
    /// <exception cref="LofizoneException">The other host could not, or the connection broke: then it undoes what it has begun.</exception>
    /// <exception cref="OperationCanceledException">The other host was told, and has undone what it had begun.</exception>
    public async Task<MoveAnswer> CallAsync(MoveRequest request, CancellationToken cancellation)
    {
        if (!IsOpen)
            throw new LofizoneException($"{Host}: the connection is closed", Try());
        try
        {
            _channel.Write(request, MoveJson.Default.MoveRequest);
            while (await _channel.ReadLineAsync(cancellation) is { } line)
            {
                MoveReply reply = Parse(line);
                if (reply.Line is { } text)
                    _reporter.Line($"{Host}: {Shown.Line(text.Raw)}");
                else if (reply.Failed is { } why)
                    throw new LofizoneException(
                        $"{Host}: {Shown.Line(why.Raw)}", reply.Advice is { } advice ? $"on {Host}: {Shown.Line(advice.Raw)}" : null);
                else
                    return reply.Done ?? throw Senseless();
            }
        }
        catch (IOException)
        {
            // ssh has ended, as when its output ends.
        }
        catch (OperationCanceledException)
        {
            // It reads the end of its input, undoes, and ends; ssh ends after it.
            IsOpen = false;
            await _ssh.EndAsync(_endLimit);
            throw;
        }

        IsOpen = false;
        throw await BrokenAsync();
    }

    /// <summary>For an answer that lacks what was asked for.</summary>
    public LofizoneException Senseless() =>
        new(
            $"{Host}: the other end's answer makes no sense",
            $"install the same version of Lofizone on both hosts (there: {Hello?.Version.ToString() ?? "not known"}, here: {Version})");

    /// <summary>This program's version.</summary>
    public static string Version { get; } = typeof(SshSession).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>Closes the connection: the other end undoes what was not ended, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        IsOpen = false;
        await _ssh.EndAsync(_endLimit);
        await _ssh.DisposeAsync();
    }

    private async Task GreetAsync(CancellationToken cancellation)
    {
        for (int i = 0; i < NoiseLimit; i++)
        {
            if (await _channel.ReadLineAsync(cancellation) is not { } line)
                throw await BrokenAsync();
            if (line.Length == 0 || line.Span[0] != (byte)'{')
                continue;
            Hello = Parse(line).Hello ?? throw Senseless();
            if (Hello.Lofizone != MoveHello.CurrentVersion)
                throw Senseless();
            if (!Hello.Root)
                throw new LofizoneException(
                    $"{Host}: {_destination.Program} does not run as root there",
                    $"log in as root (root@{Host}); or name a script there that runs it as root: --program PATH");
            if (Hello.Version != Version)
                _reporter.Line($"{Host}: runs Lofizone {Hello.Version}, this host {Version}");
            return;
        }

        throw new LofizoneException(
            $"{Host}: the login shell there prints too much before {_destination.Program} can answer",
            "keep its start-up files quiet when they run without a terminal");
    }

    private MoveReply Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line.Span, MoveJson.Default.MoveReply) ?? throw Senseless();
        }
        catch (JsonException error)
        {
            throw new LofizoneException(
                $"{Host}: the other end's answer makes no sense: "
                + $"{Shown.Text(Encoding.UTF8.GetString(line.Span[..Math.Min(line.Length, 200)]))}", Senseless().Advice, error);
        }
    }

    /// <summary>Why the connection has ended, in ssh's own words.</summary>
    private async Task<LofizoneException> BrokenAsync()
    {
        int exitCode = await _ssh.EndAsync(_endLimit);
        string said = Shown.Line(
            string.Join("; ", _ssh.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)));
        string why = said.Length > 0 ? $": {said}" : "";
        if (Hello is not null)
            return new LofizoneException($"{Host}: the connection broke (exit code {exitCode}){why}", Try());
        return exitCode switch
        {
            NotFound or NotExecutable =>
                new LofizoneException(
                    $"{Host}: has no program {_destination.Program}{why}", $"install Lofizone there, or say where it is: --program PATH"),
            SshFailed => new LofizoneException($"{Host}: can't be reached{why}", Try()),
            _ => new LofizoneException(
                $"{Host}: {_destination.Program} {Verb} ended with exit code {exitCode}{why}",
                $"see that both hosts have the same version of Lofizone (here: {Version})"),
        };
    }

    private string Try() => $"see that this works: {_destination.Ssh} {_destination.Host} {_destination.Program} list";
}
