using System.Net;
using System.Net.Sockets;

namespace Lofizone.Tests.Shares;

/// <summary>Answers every connection with the same bytes.</summary>
internal sealed class FakePortMapper : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _answer;
    private readonly CancellationTokenSource _end = new();

    public FakePortMapper(byte[] answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AnswerAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
        _listener.Dispose();
    }

    /// <summary>Keeps each connection open, because the answer's own length ends an answer, not the connection's end.</summary>
    private async Task AnswerAsync()
    {
        List<TcpClient> clients = [];
        try
        {
            CancellationToken end = _end.Token;
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(end);
                clients.Add(client);
                await client.GetStream().WriteAsync(_answer, end);
            }
        }
        catch (Exception error) when (error is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The test is over.
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }
    }
}
