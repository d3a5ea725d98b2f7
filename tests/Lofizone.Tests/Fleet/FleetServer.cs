using Lofizone.Ownership;

namespace Lofizone.Tests.Fleet;

/// <summary>
/// The promises of an NFSv4.1 server about state (RFC 8881 sections 8.3, 8.4 and 9): a lease for each client, locks that end with the
/// lease, and a grace period after a restart, in which only clients with state at the crash reclaim. Servers may keep an expired client's
/// state that no other client wants. Half of these servers keep it, as Linux does since 5.19.
/// </summary>
internal sealed class FleetServer(FleetSetup setup, FleetClock clock, FleetJudge judge, bool isCourteous)
{
    private readonly Dictionary<FleetAttachment, Client> _clients = [];
    private readonly Dictionary<int, Image> _images = [];
    private readonly Dictionary<int, int> _boots = [];
    private long _numbers;
    private long _graceEnd;

    public bool IsUp { get; private set; } = true;

    public void Crash() => IsUp = false;

    public void Start()
    {
        IsUp = true;
        _graceEnd = clock.Now + setup.Lease;
        foreach (Image image in _images.Values)
        {
            // The record of clients that may reclaim is on stable storage. State that was revoked before is not in the record.
            image.MayReclaim = image.Holder is { } holder ? holder.Owner : null;
            image.Holder = null;
        }
        _clients.Clear();
    }

    /// <summary>Ends a client's claims at once, as an administrator's fence does.</summary>
    public void Expire(FleetAttachment owner)
    {
        if (_clients.TryGetValue(owner, out Client? client))
            Drop(client);
    }

    public FleetReply Execute(FleetRequest request)
    {
        if (request.Operation == FleetOperation.Connect)
            return Connect(request.From);
        if (!_clients.TryGetValue(request.From, out Client? client) || client.Session != request.Session)
            return new FleetReply(FleetStatus.BadSession);
        if (IsExpired(client) && !isCourteous)
        {
            Drop(client);
            return new FleetReply(FleetStatus.BadSession);
        }

        client.LastSeen = clock.Now;
        // A slot's last request is executed once, and its copy gets the cached reply. An older copy gets no reply, because no client waits
        // for it.
        if (request.Sequence <= client.Sequence)
            return client.Cached;
        client.Sequence = request.Sequence;
        return client.Cached = Execute(request, client, ImageOf(request.From.Zone.Number));
    }

    private FleetReply Connect(FleetAttachment from)
    {
        // A kernel's client belongs to its host. After a reboot it has another verifier, and the server discards its old state.
        if (from.UsesKernel && _boots.GetValueOrDefault(from.Host.Number) < from.Boot)
        {
            _boots[from.Host.Number] = from.Boot;
            foreach (Client old in _clients.Values.Where(c => c.Owner.UsesKernel && c.Owner.Host == from.Host && c.Owner.Boot < from.Boot).ToArray())
                Drop(old);
        }
        if (_clients.TryGetValue(from, out Client? known) && IsExpired(known) && !isCourteous)
            Drop(known);
        if (!_clients.TryGetValue(from, out Client? client))
            _clients[from] = client = new Client(from);
        client.LastSeen = clock.Now;
        client.Session = ++_numbers;
        client.Sequence = 0;
        return new FleetReply(FleetStatus.Ok, client.Session);
    }

    private FleetReply Execute(FleetRequest request, Client client, Image image)
    {
        switch (request.Operation)
        {
            case FleetOperation.Reclaim:
                if (image.Holder == client)
                    return new FleetReply(FleetStatus.Ok, image.StateId);
                if (clock.Now >= _graceEnd || image.MayReclaim != client.Owner && setup.Defect != FleetDefect.ServerForgetsWhoHadState || image.Holder is not null)
                    return new FleetReply(FleetStatus.NoGrace);
                return Grant(client, image);
            case FleetOperation.Lock:
                if (clock.Now < _graceEnd)
                    return new FleetReply(FleetStatus.Grace);
                if (image.Holder is { } holder && holder != client)
                {
                    if (!IsExpired(holder))
                        return new FleetReply(FleetStatus.Denied);
                    Drop(holder);
                }
                return Grant(client, image);
            case FleetOperation.ReadRecord:
                return new FleetReply(FleetStatus.Ok, Record: image.Record);
            case FleetOperation.WriteRecord:
                image.Record = request.Record;
                return new FleetReply(FleetStatus.Ok);
            case FleetOperation.RemoveRecord:
                if (image.Record?.Attachment == client.Owner.Name)
                    image.Record = null;
                return new FleetReply(FleetStatus.Ok);
            case FleetOperation.Write:
                if ((image.Holder != client || image.StateId != request.StateId) && setup.Defect != FleetDefect.ServerIgnoresStateIds)
                    return new FleetReply(FleetStatus.BadStateId);
                judge.Wrote(request.From);
                return new FleetReply(FleetStatus.Ok);
            case FleetOperation.Unlock:
                if (image.Holder == client)
                    image.Holder = null;
                return new FleetReply(FleetStatus.Ok);
            default:
                return new FleetReply(FleetStatus.Ok);
        }
    }

    private FleetReply Grant(Client client, Image image)
    {
        image.Holder = client;
        image.MayReclaim = null;
        image.StateId = ++_numbers;
        return new FleetReply(FleetStatus.Ok, image.StateId);
    }

    private bool IsExpired(Client client) => clock.Now - client.LastSeen > setup.Lease;

    private void Drop(Client client)
    {
        _clients.Remove(client.Owner);
        Image image = ImageOf(client.Owner.Zone.Number);
        if (image.Holder == client)
            image.Holder = null;
    }

    private Image ImageOf(int zone)
    {
        if (!_images.TryGetValue(zone, out Image? image))
            _images[zone] = image = new Image();
        return image;
    }

    private sealed class Client(FleetAttachment owner)
    {
        public FleetAttachment Owner => owner;
        public long LastSeen;
        public long Session;
        public long Sequence;
        public FleetReply Cached = new(FleetStatus.Ok);
    }

    private sealed class Image
    {
        public ImageOwner? Record;
        public Client? Holder;
        public long StateId;
        public FleetAttachment? MayReclaim;
    }
}
