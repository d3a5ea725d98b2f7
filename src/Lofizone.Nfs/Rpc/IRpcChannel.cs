namespace Lofizone.Nfs.Rpc;

/// <summary>
/// One connection to a server as a stream of bytes. The members block, so that one thread can receive straight into a caller's memory.
/// Tests put their own server in this interface's place.
/// </summary>
internal interface IRpcChannel : IDisposable
{
    /// <summary>Waits for bytes. Returns 0 when the peer or <see cref="Shutdown"/> has ended the connection.</summary>
    /// <exception cref="IOException">The connection failed.</exception>
    int Receive(Span<byte> buffer);

    /// <summary>
    /// Sends a prefix of the three parts in order, and returns the number of bytes taken. Returns 0 when no byte fits now and
    /// <paramref name="wait"/> is false.
    /// </summary>
    /// <exception cref="IOException">The connection failed.</exception>
    int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, bool wait);

    /// <summary>
    /// Number of times in a row that the kernel has sent data again without an acknowledgement (tcpi_retransmits of TCP_INFO, linux/tcp.h).
    /// 0 when the number is not known. Never throws.
    /// </summary>
    int LostTransmissions => 0;

    /// <summary>The network's round trip, as the kernel has measured it. Null when it is not known. Never throws.</summary>
    TimeSpan? RoundTrip => null;

    /// <summary>
    /// Ends the connection and wakes all threads that wait in the other members. May be called from any thread, and more than once.
    /// </summary>
    void Shutdown();
}

/// <summary>Makes connections to one server.</summary>
internal interface IRpcConnector
{
    /// <summary>Host and port, for messages.</summary>
    string Server { get; }

    /// <summary>
    /// Connects, or throws <see cref="IOException"/> or <see cref="System.Net.Sockets.SocketException"/> within the deadline.
    /// </summary>
    IRpcChannel Connect(TimeSpan deadline);
}
