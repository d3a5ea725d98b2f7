using System.Text;
using System.Text.Json;
using Lofizone.Operations;
using Lofizone.Programs;

namespace Lofizone.Moving;

/// <summary>
/// One ssh connection to this program on another host. The connection is open from before a zone is halted until the zone runs on the other
/// host, so that no handshake lengthens the zone's down time. When the connection ends, the other host undoes its unfinished work and takes
/// back given zones.
/// </summary>
public sealed class SshSession : IAsyncDisposable
{
    /// <summary>The verb of the program at the other end.</summary>
    public const string Verb = "move-peer";

    /// <summary>Number of lines that may come before the first message: the output of a login shell's files.</summary>
    private const int NoiseLimit = 200;

    /// <summary>
    /// Exit codes: of ssh for its own failures (ssh(1), EXIT STATUS), and of a shell for a command that is missing or can't be executed.
    /// </summary>
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

    /// <summary>The host in the user's spelling.</summary>
    public string Host => _destination.Shown;

    /// <summary>The host and the way to reach it.</summary>
    public SshDestination Destination => _destination;

    /// <summary>The answering host's description of itself.</summary>
    public MoveHello Hello { get; private set; } = null!;

    /// <summary>False once the connection has ended.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Connects.</summary>
    /// <param name="programs">Starts ssh.</param>
    /// <param name="destination">The host.</param>
    /// <param name="terminal">True when ssh may ask a user for a password.</param>
    /// <param name="reporter">Gets the other host's reports.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="LofizoneException">The host can't be reached, or does not have this version of the program.</exception>
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

    /// <summary>Sends one request and waits for its result.</summary>
    /// <exception cref="LofizoneException">
    /// The other host failed, or the connection broke. In both cases the other host undoes its unfinished work.
    /// </exception>
    /// <exception cref="OperationCanceledException">The other host was told, and has undone its unfinished work.</exception>
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
                    _reporter.Line($"{Host}: {SafeText.Line(text.Raw)}");
                else if (reply.Failed is { } why)
                    throw new LofizoneException(
                        $"{Host}: {SafeText.Line(why.Raw)}", reply.Advice is { } advice ? $"on {Host}: {SafeText.Line(advice.Raw)}" : null);
                else
                    return reply.Done ?? throw Senseless();
            }
        }
        catch (IOException)
        {
            // ssh has ended, as it does when its output ends.
        }
        catch (OperationCanceledException)
        {
            // The other host reads the end of its input, undoes its work and ends. ssh then ends, too.
            IsOpen = false;
            await _ssh.EndAsync(_endLimit);
            throw;
        }

        IsOpen = false;
        throw await BrokenAsync();
    }

    /// <summary>The error for an answer that lacks the requested part.</summary>
    public LofizoneException Senseless() =>
        new(
            $"{Host}: the other end's answer makes no sense",
            $"install the same version of Lofizone on both hosts (there: {Hello?.Version.ToString() ?? "not known"}, here: {Version})");

    /// <summary>Version of this program.</summary>
    public static string Version { get; } = typeof(SshSession).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>Closes the connection. The other end undoes unfinished work, and ends.</summary>
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
                + $"{SafeText.Text(Encoding.UTF8.GetString(line.Span[..Math.Min(line.Length, 200)]))}", Senseless().Advice, error);
        }
    }

    /// <summary>The reason for the end of the connection, in ssh's own words.</summary>
    private async Task<LofizoneException> BrokenAsync()
    {
        int exitCode = await _ssh.EndAsync(_endLimit);
        string said = SafeText.Line(
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
