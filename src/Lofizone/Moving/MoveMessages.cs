using System.Text.Json.Serialization;
using Lofizone.Install.Update;
using Lofizone.Zones;

namespace Lofizone.Moving;

/// <summary>Requests to the other host.</summary>
public static class MoveRequests
{
    /// <summary>Check whether the host could take the offered zone.</summary>
    public const string Check = "check";

    /// <summary>Take the zone that was given away.</summary>
    public const string Take = "take";

    /// <summary>Offer a zone: describe the zone that the host would give.</summary>
    public const string Offer = "offer";

    /// <summary>Give the offered zone.</summary>
    public const string Give = "give";

    /// <summary>Take back the given zone.</summary>
    public const string TakeBack = "back";

    /// <summary>The given zone is taken.</summary>
    public const string End = "end";

    /// <summary>The offered zone is not wanted.</summary>
    public const string Leave = "leave";
}

/// <summary>
/// A line to the other host. Messages only ever gain members with defaults, so that different versions understand each other.
/// </summary>
/// <param name="Do">One of <see cref="MoveRequests"/>.</param>
/// <param name="Zone">The zone.</param>
public sealed record MoveRequest(string Do, string Zone)
{
    /// <summary>The URI by which the asked host reaches the share; null for the URI in the offer.</summary>
    public string? Share { get; init; }

    public ZoneOffer? Offer { get; init; }

    public ZoneGift? Gift { get; init; }

    public UpdateKind Update { get; init; }

    public bool AnyPackages { get; init; }

    /// <summary>The administrator has said that the target accepts everything that the zone asks for.</summary>
    public bool Accept { get; init; }

    /// <summary>Check only, and change nothing.</summary>
    public bool NoExecute { get; init; }

    /// <summary>The host that the zone goes to.</summary>
    public ForeignText? To { get; init; }
}

/// <summary>A line from the other host. Exactly one kind of member is set.</summary>
public sealed record MoveReply
{
    /// <summary>The first line of the conversation.</summary>
    public MoveHello? Hello { get; init; }

    /// <summary>A report of progress; further lines follow.</summary>
    public ForeignText? Line { get; init; }

    /// <summary>The request succeeded.</summary>
    public MoveAnswer? Done { get; init; }

    /// <summary>The request failed, with this reason. The host has undone its part.</summary>
    public ForeignText? Failed { get; init; }

    /// <summary>The remedy for <see cref="Failed"/>.</summary>
    public ForeignText? Advice { get; init; }
}

/// <summary>The answering host.</summary>
/// <param name="Lofizone">Version of these messages.</param>
/// <param name="Version">Version of the program.</param>
/// <param name="Host">The host's own name.</param>
/// <param name="HostId">The host's ID.</param>
/// <param name="Root">True when the program runs as root.</param>
public sealed record MoveHello(int Lofizone, ForeignText Version, ForeignText Host, ForeignText HostId, bool Root)
{
    /// <summary>Version of these messages. Other versions are refused.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Number of zones that run on the host.</summary>
    public int Running { get; init; }

    /// <summary>Number of zones that are installed on the host, running zones included.</summary>
    public int Installed { get; init; }
}

/// <summary>The result of a request that succeeded.</summary>
public sealed record MoveAnswer
{
    public ZoneOffer? Offer { get; init; }

    public ZoneGift? Gift { get; init; }

    public ZoneArrival? Arrival { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 8)]
[JsonSerializable(typeof(MoveRequest))]
[JsonSerializable(typeof(MoveReply))]
internal sealed partial class MoveJson : JsonSerializerContext;
