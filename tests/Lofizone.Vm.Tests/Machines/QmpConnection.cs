using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Lofizone.Vm.Tests.Machines;

/// <summary>QEMU's control socket (qemu-qmp-ref(7)): each line is a JSON object. Answers come in order, with events between them.</summary>
internal sealed class QmpConnection : IDisposable
{
    private static readonly TimeSpan _answerLimit = TimeSpan.FromSeconds(30);

    private readonly Socket _socket;
    private readonly StreamReader _reader;
    private readonly NetworkStream _stream;

    private QmpConnection(Socket socket)
    {
        _socket = socket;
        _stream = new NetworkStream(socket);
        _reader = new StreamReader(_stream, Encoding.UTF8);
    }

    public static async Task<QmpConnection> ConnectAsync(string path, CancellationToken cancellation)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            QmpConnection connection = new(socket);
            await connection._reader.ReadLineAsync(cancellation);
            await connection.RunAsync("qmp_capabilities");
            return connection;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Runs a command and waits for its answer.</summary>
    /// <param name="arguments">The command's arguments, a JSON object.</param>
    public async Task RunAsync(string command, string arguments = "{}")
    {
        using CancellationTokenSource limit = new(_answerLimit);
        string request = $"{{\"execute\":\"{command}\",\"arguments\":{arguments}}}\n";
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(request), limit.Token);
        while (await _reader.ReadLineAsync(limit.Token) is { } line)
        {
            using JsonDocument answer = JsonDocument.Parse(line);
            if (answer.RootElement.TryGetProperty("return", out _))
                return;
            if (answer.RootElement.TryGetProperty("error", out JsonElement error))
                throw new InvalidOperationException($"QEMU refuses {command} {arguments}: {error}");
        }
        throw new IOException($"QEMU ended before it answered {command}");
    }

    public void Dispose()
    {
        _reader.Dispose();
        _stream.Dispose();
        _socket.Dispose();
    }
}
