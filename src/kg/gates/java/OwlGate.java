// What the OWL API and HermiT say about an ontology, as lines of tab-separated fields on standard output.
//
//   java -cp 'jars/*' OwlGate.java TERMS WHOLE     (two Turtle files: the ontology alone; ontology and data)
//
//   profile   kind of violation, IRI or "", axiom             (TERMS is outside of OWL 2 RL)
//   inconsistent, "", axioms                                  (WHOLE has no model)
//   unsatisfiable, IRI of a class, axioms                     (by TERMS, no thing can be in the class)
//   done                                                      (the last line: everything was looked at)
//
// It is run from source by kg.gates.owl; nothing is compiled beforehand.

import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.semanticweb.HermiT.Configuration;
import org.semanticweb.HermiT.ReasonerFactory;
import org.semanticweb.owlapi.apibinding.OWLManager;
import org.semanticweb.owlapi.model.HasIRI;
import org.semanticweb.owlapi.model.OWLAxiom;
import org.semanticweb.owlapi.model.OWLClass;
import org.semanticweb.owlapi.model.OWLDataFactory;
import org.semanticweb.owlapi.model.OWLOntology;
import org.semanticweb.owlapi.profiles.OWL2RLProfile;
import org.semanticweb.owlapi.profiles.OWLProfileViolation;
import org.semanticweb.owlapi.reasoner.OWLReasoner;

import org.semanticweb.owl.explanation.impl.blackbox.checker.InconsistentOntologyExplanationGeneratorFactory;

import com.clarkparsia.owlapi.explanation.BlackBoxExplanation;

public final class OwlGate {
    private static final ReasonerFactory HERMIT = new ReasonerFactory() {
        @Override
        protected OWLReasoner createHermiTOWLReasoner(Configuration configuration, OWLOntology ontology) {
            // xsd:date is no datatype of OWL 2; HermiT would stop at the first one.
            configuration.ignoreUnsupportedDatatypes = true;
            configuration.throwInconsistentOntologyException = false;
            return super.createHermiTOWLReasoner(configuration, ontology);
        }
    };
    private static final int SECONDS = 10; // for each test of the search for an explanation
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    public static void main(String[] files) throws Exception {
        for (OWLProfileViolation violation : new OWL2RLProfile().checkOntology(load(files[0])).getViolations()) {
            Object axiom = axiom(violation).map(Object.class::cast).orElse(violation.getExpression());
            tell("profile", violation.getClass().getSimpleName(), about(violation), axiom);
        }
        reason(load(files[0]), load(files[1]));
        tell("done");
    }

    private static OWLOntology load(String file) throws Exception {
        return OWLManager.createOWLOntologyManager().loadOntologyFromOntologyDocument(new File(file));
    }

    private static void reason(OWLOntology terms, OWLOntology whole) {
        if (!HERMIT.createReasoner(whole).isConsistent()) {
            tell("inconsistent", "", contradiction(whole));
            return;
        }
        // Asked of the ontology alone: the data makes no class impossible, but each answer many times slower.
        OWLReasoner reasoner = HERMIT.createReasoner(terms);
        for (OWLClass empty : new TreeSet<>(reasoner.getUnsatisfiableClasses().getEntitiesMinusBottom())) {
            tell("unsatisfiable", empty.getIRI(), why(terms, empty));
        }
    }

    /** Axioms that cannot all be true. */
    private static String contradiction(OWLOntology ontology) {
        OWLDataFactory factory = OWLManager.getOWLDataFactory();
        OWLAxiom absurd = factory.getOWLSubClassOfAxiom(factory.getOWLThing(), factory.getOWLNothing());
        return new InconsistentOntologyExplanationGeneratorFactory(HERMIT, SECONDS * 1000L)
            .createExplanationGenerator(ontology).getExplanations(absurd, 1).stream()
            .map(explanation -> listed(explanation.getAxioms().stream())).findFirst().orElse("");
    }

    /** Axioms because of which nothing can be in the class. */
    private static String why(OWLOntology ontology, OWLClass empty) {
        return listed(
            new BlackBoxExplanation(ontology, HERMIT, HERMIT.createReasoner(ontology)).getExplanation(empty).stream());
    }

    private static String listed(Stream<OWLAxiom> axioms) {
        return axioms.map(OwlGate::text).sorted().collect(Collectors.joining("; "));
    }

    /** The term that a violation is about: its expression, else the first term of its axiom. */
    private static Object about(OWLProfileViolation violation) {
        if (violation.getExpression() instanceof HasIRI named) {
            return named.getIRI();
        }
        Stream<HasIRI> signature = axiom(violation).stream().flatMap(axiom -> axiom.signature());
        return signature.map(HasIRI::getIRI).map(Object::toString).sorted().findFirst().orElse("");
    }

    private static Optional<OWLAxiom> axiom(OWLProfileViolation violation) {
        try {
            return Optional.of(violation.getAxiom());
        } catch (IllegalStateException none) { // what stands in the ontology's header is no axiom
            return Optional.empty();
        }
    }

    private static void tell(Object... fields) {
        OUT.println(Stream.of(fields).map(OwlGate::text).collect(Collectors.joining("\t")));
    }

    private static String text(Object thing) {
        return thing.toString().replaceAll("\\s+", " ").trim();
    }
}
