namespace Lofizone.Nfs.Rpc;

/// <summary>
/// One connection to a server as a stream of bytes; blocking, so that one thread can receive straight into a caller's memory. The seam at
/// which tests put their own server.
/// </summary>
internal interface IRpcChannel : IDisposable
{
    /// <summary>Waits for bytes; 0 when the peer or <see cref="Shutdown"/> ended the connection.</summary>
    /// <exception cref="IOException">The connection failed.</exception>
    int Receive(Span<byte> buffer);

    /// <summary>
    /// Sends a prefix of the three parts in order; returns the bytes taken, 0 when none fit now and <paramref name="wait"/> is false.
    /// </summary>
    /// <exception cref="IOException">The connection failed.</exception>
    int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, bool wait);

    /// <summary>
    /// How often in a row the kernel has sent data again without an acknowledgement (tcpi_retransmits); 0 when it is not known. Never
    /// throws.
    /// </summary>
    int LostTransmissions => 0;

    /// <summary>The network's round trip as the kernel has measured it; null when it is not known. Never throws.</summary>
    TimeSpan? RoundTrip => null;

    /// <summary>Ends the connection and wakes whoever waits in the other members; may be called from any thread, more than once.</summary>
    void Shutdown();
}

/// <summary>Makes connections to one server.</summary>
internal interface IRpcConnector
{
    /// <summary>Host and port for messages.</summary>
    string Server { get; }

    /// <summary>
    /// Connects, or throws <see cref="IOException"/> or <see cref="System.Net.Sockets.SocketException"/> within the deadline.
    /// </summary>
    IRpcChannel Connect(TimeSpan deadline);
}
